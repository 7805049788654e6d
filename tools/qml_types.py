"""Describe the Python types that QML sees to qmllint: writes ``TomoBatch/Core/qmldir`` and ``core.qmltypes``.

    qml_types.py FOLDER

What a type holds is taken from the living class: what it inherits and which properties are constant shows
in no source text that a parser could read. Its decorators are read from the source: Qt does not tell them.
"""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import PySide6
from PySide6.QtCore import QMetaMethod, QMetaObject, QMetaProperty

APP = Path(__file__).resolve().parents[1] / "app"
MODULE = "TomoBatch.Core"
QMLDIR = f"module {MODULE}\ntypeinfo core.qmltypes\ndepends QtQuick\ndepends QtQml.Models\n"
FOREIGN = ("core", "gui", "qml", "qmlmodels", "quick")
DECORATORS = {
    "QmlElement": {"QML.Element": "auto"},
    "QmlSingleton": {"QML.Singleton": "true"},
    "QmlUncreatable": {"QML.Creatable": "false"},
}

Info = dict[str, Any]


def main(folder: Path) -> None:
    """Write the description below a folder, which is then an import path."""
    target = folder / MODULE.replace(".", "/")
    target.mkdir(parents=True, exist_ok=True)
    described = target / "core.json"
    types = [{"classes": list(_classes()), "outputRevision": 68, "inputFile": "desktop"}]
    described.write_text(json.dumps(types, indent=1), encoding="utf-8")
    qt = Path(PySide6.__file__).parent / "Qt"
    foreign = ",".join(str(qt / f"metatypes/qt6{name}_metatypes.json") for name in FOREIGN)
    registrar = [str(qt / "libexec/qmltyperegistrar"), "--import-name", MODULE, "--major-version", "1"]
    output = ["--generate-qmltypes", str(target / "core.qmltypes"), "-o", str(target / "core.cpp")]
    subprocess.run([*registrar, *output, "--foreign-types", foreign, str(described)], check=True)
    (target / "qmldir").write_text(QMLDIR, encoding="utf-8")


def _classes() -> Iterator[Info]:
    """The decorated classes, and those of their bases that only Python knows."""
    done: set[type] = set()
    for module, source in _modules():
        for name, decorators in _decorated(source).items():
            for cls in reversed(getattr(module, name).__mro__):
                if cls in done or cls.__module__.partition(".")[0] != "tomobatch":
                    continue
                done.add(cls)
                own = cls.__qualname__ == name and cls.__module__ == module.__name__
                yield _describe(cls.staticMetaObject) | {"classInfos": decorators if own else []}


def _modules() -> Iterator[tuple[ModuleType, ast.Module]]:
    sys.path.insert(0, str(APP))
    for path in sorted((APP / "tomobatch/desktop").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if f'QML_IMPORT_NAME = "{MODULE}"' in text:
            name = ".".join(path.relative_to(APP).with_suffix("").parts)
            yield importlib.import_module(name), ast.parse(text)


def _decorated(source: ast.Module) -> dict[str, list[Info]]:
    """What the decorators of each class tell the registrar."""
    found = {}
    for node in source.body:
        if isinstance(node, ast.ClassDef):
            names = [ast.unparse(decorator).partition("(")[0] for decorator in node.decorator_list]
            infos = [info for name in names for info in DECORATORS.get(name, {}).items()]
            if infos:
                found[node.name] = [{"name": name, "value": value} for name, value in infos]
    return found


def _describe(meta: QMetaObject) -> Info:
    methods = [meta.method(number) for number in range(meta.methodOffset(), meta.methodCount())]
    properties = range(meta.propertyOffset(), meta.propertyCount())
    return {
        "className": meta.className(),
        "qualifiedClassName": meta.className(),
        "object": True,
        "superClasses": [{"access": "public", "name": meta.superClass().className()}],
        "properties": [_property(meta.property(number), index) for index, number in enumerate(properties)],
        "signals": [_method(this) for this in methods if this.methodType() == QMetaMethod.MethodType.Signal],
        "slots": [_method(this) for this in methods if this.methodType() == QMetaMethod.MethodType.Slot],
    }


def _property(this: QMetaProperty, index: int) -> Info:
    name = this.name()
    told: Info = {"name": name, "type": this.typeName(), "read": name, "index": index}
    if this.isConstant():
        told["constant"] = True
    if this.isWritable():
        told["write"] = name
    if this.hasNotifySignal():
        told["notify"] = _text(this.notifySignal().name())
    return told


def _method(this: QMetaMethod) -> Info:
    arguments = [
        {"name": f"a{number}", "type": _text(name)} for number, name in enumerate(this.parameterTypes(), 1)
    ]
    name = _text(this.name())
    return {"access": "public", "name": name, "arguments": arguments, "returnType": this.typeName()}


def _text(name: Any) -> str:  # noqa: ANN401 - a QByteArray, whose type the stubs do not agree on
    return bytes(name).decode("ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
