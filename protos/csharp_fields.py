"""How C# holds, writes and reads each kind of protobuf field."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import DescriptorProto
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field

Lines = list[str]

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5  # wire types


class Unsupported(Exception):
    """The descriptors hold something that has no C# here."""


@dataclass(frozen=True)
class Member:
    """A field as C#: the property, the statements that write it and the one that reads it."""

    number: int
    declare: Lines
    write: Lines
    tags: list[int]
    read: str


@dataclass(frozen=True)
class Value:
    """A type of value. `{}` in what writes or tells it stands for the C# expression."""

    csharp: str
    wire_type: int
    write: str
    read: str
    is_set: str = "{} != 0"
    default: str | None = None  # of strings and bytes, which are never null

    def tag(self, field: Field) -> int:
        """What stands before a value of this field."""
        return field.number << 3 | self.wire_type


def _scalar(
    csharp: str, name: str, wire_type: int, is_set: str = "{} != 0", default: str | None = None
) -> Value:
    write, read = f"output.Write{name}({{}});", f"input.Read{name}()"
    return Value(csharp, wire_type, write, read, is_set, default)


# The bits of a floating-point number, because -0 is not the default.
BITS = "BitConverter.DoubleToInt64Bits({}) != 0"

SCALARS = {
    Field.TYPE_BOOL: _scalar("bool", "Bool", VARINT, "{}"),
    Field.TYPE_INT32: _scalar("int", "Int32", VARINT),
    Field.TYPE_INT64: _scalar("long", "Int64", VARINT),
    Field.TYPE_UINT32: _scalar("uint", "UInt32", VARINT),
    Field.TYPE_UINT64: _scalar("ulong", "UInt64", VARINT),
    Field.TYPE_SINT32: _scalar("int", "SInt32", VARINT),
    Field.TYPE_SINT64: _scalar("long", "SInt64", VARINT),
    Field.TYPE_FIXED32: _scalar("uint", "Fixed32", FIXED32),
    Field.TYPE_FIXED64: _scalar("ulong", "Fixed64", FIXED64),
    Field.TYPE_SFIXED32: _scalar("int", "SFixed32", FIXED32),
    Field.TYPE_SFIXED64: _scalar("long", "SFixed64", FIXED64),
    Field.TYPE_FLOAT: _scalar("float", "Float", FIXED32, BITS),
    Field.TYPE_DOUBLE: _scalar("double", "Double", FIXED64, BITS),
    Field.TYPE_STRING: _scalar("string", "String", LENGTH, "{}.Length != 0", '""'),
    Field.TYPE_BYTES: _scalar("byte[]", "Bytes", LENGTH, "{}.Length != 0", "Array.Empty<byte>()"),
}


def pascal(name: str) -> str:
    """`training_json` as C# names it: `TrainingJson`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def backing(name: str) -> str:
    """The private field behind a property."""
    return f"_{name[0].lower()}{name[1:]}"


def block(lines: Lines) -> Lines:
    """Lines within braces; empty lines stay empty."""
    return ["{", *(line and f"    {line}" for line in lines), "}"]


def property_name(field: Field, message: DescriptorProto) -> str:
    """C# does not allow a class to have a property of its own name."""
    name = pascal(field.name)
    return f"{name}_" if name == message.name else name


def map_entries(message: DescriptorProto) -> dict[str, DescriptorProto]:
    """The messages that stand for the entries of its maps, by name."""
    return {entry.name: entry for entry in message.nested_type if entry.options.map_entry}


def in_oneof(field: Field) -> bool:
    """Whether it is in a oneof of the .proto, rather than `optional`."""
    return field.HasField("oneof_index") and not field.proto3_optional


def member(field: Field, message: DescriptorProto) -> Member:
    """A field of a message as C#."""
    value, name = _value(field), property_name(field, message)
    if field.label == Field.LABEL_REPEATED:
        entry = map_entries(message).get(value.csharp)
        return _map(field, name, entry) if entry else _repeated(field, name, value)
    if in_oneof(field):
        oneof = pascal(message.oneof_decl[field.oneof_index].name)
        return _oneof_member(field, name, value, oneof)
    if field.proto3_optional or field.type == Field.TYPE_MESSAGE:
        return _nullable(field, name, value)
    always = message.options.map_entry  # a map's entry has its key and value even when empty
    return _plain(field, name, value, always)


def _value(field: Field) -> Value:
    csharp = field.type_name.rpartition(".")[2]
    if field.type == Field.TYPE_ENUM:
        return Value(csharp, VARINT, "output.WriteInt32((int){});", f"({csharp})input.ReadInt32()")
    if field.type == Field.TYPE_MESSAGE:
        read = f"input.ReadMessage(new {csharp}())"
        return Value(csharp, LENGTH, "output.WriteMessage({});", read)
    if field.type not in SCALARS:
        raise Unsupported(f"{field.name}: {Field.Type.Name(field.type)} is not supported")
    return SCALARS[field.type]


def _plain(field: Field, name: str, value: Value, always: bool) -> Member:
    """A single value that is its default when nothing was said."""
    declare = [f"public {value.csharp} {name} {{ get; set; }}"]
    if value.default:
        kept = backing(name)
        accessors = [f"get {{ return {kept}; }}", f"set {{ {kept} = value ?? {value.default}; }}"]
        declare = [f"public {value.csharp} {name}", *block(accessors)]
        declare += ["", f"private {value.csharp} {kept} = {value.default};"]
    write = _tagged(field, value, name)
    if not always:
        write = [f"if ({value.is_set.format(name)})", *block(write)]
    return Member(field.number, declare, write, [value.tag(field)], f"{name} = {value.read};")


def _nullable(field: Field, name: str, value: Value) -> Member:
    """A message or an `optional` value: null when absent."""
    is_message = field.type == Field.TYPE_MESSAGE
    is_reference = is_message or value.default
    declare = [f"public {value.csharp}{'' if is_reference else '?'} {name} {{ get; set; }}"]
    write = _tagged(field, value, name if is_reference else f"{name}.Value")
    read = f"{name} = {_merged(name, value) if is_message else value.read};"
    guarded = [f"if ({name} != null)", *block(write)]
    return Member(field.number, declare, guarded, [value.tag(field)], read)


def _oneof_member(field: Field, name: str, value: Value, oneof: str) -> Member:
    is_message = field.type == Field.TYPE_MESSAGE
    case, kept = f"{oneof}OneofCase.{name}", backing(oneof)
    absent = "null" if is_message else value.default or f"default({value.csharp})"
    given = f"value ?? {value.default}" if value.default else "value"
    to_case = f"value == null ? {oneof}OneofCase.None : {case}" if is_message else case
    accessors = [
        f"get {{ return {oneof}Case == {case} ? ({value.csharp}){kept} : {absent}; }}",
        "set",
        *block([f"{kept} = {given};", f"{oneof}Case = {to_case};"]),
    ]
    declare = [f"public {value.csharp} {name}", *block(accessors)]
    write = [f"if ({oneof}Case == {case})", *block(_tagged(field, value, name))]
    read = f"{name} = {_merged(name, value) if is_message else value.read};"
    return Member(field.number, declare, write, [value.tag(field)], read)


def _repeated(field: Field, name: str, value: Value) -> Member:
    declare = _collection(f"List<{value.csharp}>", name)
    if value.wire_type == LENGTH:
        write = [f"foreach ({value.csharp} item in {name})", *block(_tagged(field, value, "item"))]
        return Member(
            field.number, declare, write, [value.tag(field)], f"{name}.Add({value.read});"
        )
    if field.options.HasField("packed") and not field.options.packed:
        raise Unsupported(f"{field.name}: repeated numbers can only be packed")
    packed = field.number << 3 | LENGTH
    write_one = value.write.format("item").removesuffix(";")
    write = [f"output.WritePacked({packed}, {name}, item => {write_one});"]
    read = f"input.ReadRepeated(tag, {name}, () => {value.read});"
    return Member(field.number, declare, write, [packed, value.tag(field)], read)


def _map(field: Field, name: str, entry: DescriptorProto) -> Member:
    key, value = (_value(part) for part in entry.field)
    if key.csharp != "string":
        raise Unsupported(f"{field.name}: the keys of a map can only be strings")
    types, tag = f"string, {value.csharp}", field.number << 3 | LENGTH
    pair = f"new {entry.name} {{ Key = pair.Key, Value = pair.Value }}"
    write = [
        f"foreach (KeyValuePair<{types}> pair in ProtoWriter.InKeyOrder({name}))",
        *block([f"output.WriteTag({tag});", f"output.WriteMessage({pair});"]),
    ]
    read = f"input.ReadMessage(new {entry.name}()).AddTo({name});"
    return Member(field.number, _collection(f"Dictionary<{types}>", name), write, [tag], read)


def _collection(csharp: str, name: str) -> Lines:
    return [f"public {csharp} {name} {{ get; }} = new {csharp}();"]


def _tagged(field: Field, value: Value, expression: str) -> Lines:
    return [f"output.WriteTag({value.tag(field)});", value.write.format(expression)]


def _merged(name: str, value: Value) -> str:
    return f"input.ReadMessage({name} ?? new {value.csharp}())"
