"""The Qt face: models and controllers for QML, the slice view, start-up."""
