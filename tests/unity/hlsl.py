"""Runs the HLSL of a ShaderLab file in Python, pixel by pixel: the very text that the GPU gets.

Enough of the language for short shaders without loops: functions, declarations, assignments, if and
else, return, expressions with swizzles, `#if defined(KEYWORD)`. Uniforms, samplers and Unity's own
functions are what the caller puts among `globals`.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

TYPES = r"(?:void|float|half)[234]?|Varyings|Attributes"
TOKEN = re.compile(r"\s*(\d+\.\d*|\.\d+|\d+|\w+|&&|\|\||[<>=!]=|[-+*/<>=!?:;,.(){}])")
PRECEDENCE = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4}
PRECEDENCE |= {"+": 5, "-": 5, "*": 6, "/": 6}
PYTHON = {"||": "or", "&&": "and"}


class Vector(tuple[float, ...]):
    """float2 to float4: swizzles, and arithmetic by component with another or with a number."""

    def __getattr__(self, swizzle: str) -> Any:
        if not set(swizzle) <= set("xyzwrgba"):
            raise AttributeError(swizzle)
        parts = [self["xyzwrgba".index(letter) % 4] for letter in swizzle]
        return parts[0] if len(parts) == 1 else Vector(parts)

    def _with(self, other: Any, apply: Callable[[float, float], float]) -> Vector:
        others = other if isinstance(other, Vector) else [other] * len(self)
        return Vector(apply(mine, its) for mine, its in zip(self, others, strict=True))

    def __add__(self, other: Any) -> Vector:
        return self._with(other, operator.add)

    def __mul__(self, other: Any) -> Vector:
        return self._with(other, operator.mul)

    __radd__, __rmul__ = __add__, __mul__


def _vector(*parts: Any) -> Vector:
    return Vector(n for part in parts for n in (part if isinstance(part, Vector) else [part]))


INTRINSICS: dict[str, Any] = {
    **{f"{scalar}{n}": _vector for scalar in ("float", "half") for n in (2, 3, 4)},
    **{name: getattr(math, name) for name in ("sin", "cos", "acos", "atan2", "radians")},
    "abs": lambda v: Vector(map(abs, v)) if isinstance(v, Vector) else abs(v),
    "clamp": lambda x, low, high: min(max(x, low), high),
    "lerp": lambda a, b, t: a * (1 - t) + b * t,
    "normalize": lambda v: v * (1 / math.hypot(*v)),
}


def load(shader: Path, keywords: set[str], globals: dict[str, Any]) -> SimpleNamespace:
    """Translate the functions of a shader's only pass for a set of keywords, and return them."""
    program = re.search(r"CGPROGRAM(.*?)ENDCG", shader.read_text(), re.DOTALL)
    assert program is not None, f"{shader.name} has no CGPROGRAM"
    code = _preprocessed(re.sub(r"//.*", "", program[1]), keywords)
    header = rf"(?:{TYPES})\s+(\w+)\s*\(([^)]*)\)\s*(?::\s*\w+\s*)?(?=\{{)"
    scope = {**INTRINSICS, **globals}
    names = []
    for match in re.finditer(header, code):
        names.append(match[1])
        parameters = ", ".join(part.split()[-1] for part in match[2].split(","))
        body = _Parser(code, match.end()).block(1)
        exec("\n".join([f"def {match[1]}({parameters}):", *body]), scope)
    return SimpleNamespace(**{name: scope[name] for name in names})


def _preprocessed(code: str, keywords: set[str]) -> str:
    kept, taken = [], [[True, True]]  # for each #if: whether this branch counts, whether any did
    for line in code.splitlines():
        directive = re.match(r"\s*#(if|elif|else|endif|pragma|include)\b(.*)", line)
        if directive is None:
            if all(here for here, _ in taken):
                kept.append(line)
            continue
        kind = directive[1]
        holds = kind == "else" or bool(keywords & set(re.findall(r"defined\((\w+)\)", line)))
        if kind == "if":
            taken.append([holds, holds])
        elif kind in ("elif", "else"):
            taken[-1] = [holds and not taken[-1][1], holds or taken[-1][1]]
        elif kind == "endif":
            taken.pop()
    return "\n".join(kept)


class _Parser:
    """Turns HLSL statements into lines of Python, HLSL expressions into Python expressions."""

    def __init__(self, code: str, start: int) -> None:
        self._tokens = self._tokenize(code, start)
        self._next = next(self._tokens)

    @staticmethod
    def _tokenize(code: str, at: int) -> Iterator[str]:
        while match := TOKEN.match(code, at):
            at = match.end()
            yield match[1]
        yield ""

    def _take(self, expected: str | None = None) -> str:
        token = self._next
        assert expected in (None, token), f"{expected} expected, not {token}"
        self._next = next(self._tokens)
        return token

    def block(self, depth: int) -> list[str]:
        """`{ statements }`, or one statement."""
        if self._next != "{":
            return self._statement(depth)
        self._take("{")
        lines = []
        while self._next != "}":
            lines += self._statement(depth)
        if depth > 1:
            self._take("}")
        return lines

    def _statement(self, depth: int) -> list[str]:
        indent = "    " * depth
        if self._next == "if":
            self._take("if")
            lines = [f"{indent}if {self._expression()}:", *self.block(depth + 1)]
            if self._next == "else":
                self._take("else")
                lines += [f"{indent}else:", *self.block(depth + 1)]
            return lines
        returns = self._next == "return"
        declares = re.fullmatch(TYPES, self._next) is not None
        if returns or declares:
            self._take()
        line = ("return " if returns else "") + self._expression()
        if self._next == "=":
            line += self._take("=") + self._expression()
        elif declares:
            line += " = Struct()"
        self._take(";")
        return [indent + line]

    def _expression(self, least: int = 0) -> str:
        left = self._operand()
        while (precedence := PRECEDENCE.get(self._next, 0)) > least:
            sign = self._take()
            left = f"({left} {PYTHON.get(sign, sign)} {self._expression(precedence)})"
        if least == 0 and self._next == "?":
            self._take("?")
            if_true = self._expression()
            self._take(":")
            left = f"({if_true} if {left} else {self._expression()})"
        return left

    def _operand(self) -> str:
        token = self._take()
        if token == "-":
            return f"(-{self._operand()})"
        if token == "(":
            token = f"({self._expression()})"
            self._take(")")
        while self._next in (".", "("):
            token += self._take(".") + self._take() if self._next == "." else self._arguments()
        return token

    def _arguments(self) -> str:
        self._take("(")
        arguments = []
        while self._next != ")":
            arguments.append(self._expression())
            if self._next == ",":
                self._take(",")
        self._take(")")
        return f"({', '.join(arguments)})"
