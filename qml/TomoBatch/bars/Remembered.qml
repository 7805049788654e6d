import QtQuick
import TomoBatch.Core

// Size and state of the window: shown as they were left.
Item {
    id: keeper

    required property Window window
    property bool restored: false

    Component.onCompleted: {
        const small = Screen.width < window.minimumWidth;
        window.width = small ? Settings.windowWidth : Math.min(Settings.windowWidth, Screen.width);
        window.height = small ? Settings.windowHeight : Math.min(Settings.windowHeight, Screen.height);
        if (Settings.maximized)
            window.showMaximized();
        else
            window.show();
        restored = true;
    }

    Connections {
        target: keeper.window
        enabled: keeper.restored

        function onWidthChanged() {
            if (keeper.window.visibility === Window.Windowed)
                Settings.windowWidth = keeper.window.width;
        }

        function onHeightChanged() {
            if (keeper.window.visibility === Window.Windowed)
                Settings.windowHeight = keeper.window.height;
        }

        function onVisibilityChanged() {
            if (keeper.window.visibility === Window.Windowed || keeper.window.visibility === Window.Maximized)
                Settings.maximized = keeper.window.visibility === Window.Maximized;
        }
    }
}
