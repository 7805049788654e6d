import QtQuick

// What was copied, with its lines.
TextEdit {
    visible: false
    textFormat: TextEdit.PlainText

    // Number of lines; the words are in `text` then.
    function read(): int {
        clear();
        paste();
        return lineCount;
    }
}
