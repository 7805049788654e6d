import QtQuick
import TomoBatch

// Marks a place of a picture, to be seen on black and on white; the place itself stays free.
Item {
    id: mark

    required property point at
    readonly property int arm: 14
    readonly property int free: 5

    x: at.x
    y: at.y

    component Arm: Rectangle {
        color: Theme.accent
        border.width: 1
        border.color: Theme.ground
    }

    Arm {
        x: -mark.free - width
        y: -2
        width: mark.arm
        height: 4
    }

    Arm {
        x: mark.free
        y: -2
        width: mark.arm
        height: 4
    }

    Arm {
        x: -2
        y: -mark.free - height
        width: 4
        height: mark.arm
    }

    Arm {
        x: -2
        y: mark.free
        width: 4
        height: mark.arm
    }
}
