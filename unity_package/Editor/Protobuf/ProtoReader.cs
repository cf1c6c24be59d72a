using System;
using System.Collections.Generic;
using System.Text;

namespace SkyServer.Editor.Protobuf
{
    /// <summary>
    /// Reads the protobuf wire format (https://protobuf.dev/programming-guides/encoding/) from bytes
    /// that nobody vouches for: whatever they are, a method returns a value or throws
    /// <see cref="InvalidProtobufException"/>; no length in them makes it take memory that the bytes
    /// behind it do not fill.
    /// </summary>
    public sealed class ProtoReader
    {
        /// <summary>How deep messages may lie within each other, as in every other implementation.</summary>
        public const int MaxDepth = 100;

        // The most bytes of a tag or a length, which have 32 bits, and of any other number.
        private const int ShortVarint = 5;
        private const int LongVarint = 10;

        private enum WireType : uint
        {
            Varint = 0,
            Fixed64 = 1,
            Length = 2,
            StartGroup = 3,
            EndGroup = 4,
            Fixed32 = 5,
        }

        private static readonly UTF8Encoding Utf8 = new UTF8Encoding(false, true);

        private readonly byte[] _data;
        private int _position;
        private int _end;
        private int _depth;

        /// <param name="data">A whole message.</param>
        public ProtoReader(byte[] data)
        {
            _data = data;
            _end = data.Length;
        }

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static T Parse<T>(byte[] data) where T : IMessage, new()
        {
            var message = new T();
            message.MergeFrom(new ProtoReader(data));
            return message;
        }

        /// <summary>The tag of the next field (its number times 8, plus its wire type), or 0 at the end.</summary>
        public uint ReadTag()
        {
            if (_position == _end)
            {
                return 0;
            }
            ulong tag = ReadVarint(ShortVarint);
            if (tag >> 3 == 0 || tag > uint.MaxValue)
            {
                throw Invalid("has a field without a valid number");
            }
            return (uint)tag;
        }

        /// <summary>Passes over the value of a field that is not known.</summary>
        public void SkipField(uint tag)
        {
            switch ((WireType)(tag & 7))
            {
                case WireType.Varint:
                    ReadVarint();
                    break;
                case WireType.Fixed64:
                    Take(8);
                    break;
                case WireType.Length:
                    Take(ReadLength());
                    break;
                case WireType.StartGroup:
                    SkipGroup(tag);
                    break;
                case WireType.Fixed32:
                    Take(4);
                    break;
                default:
                    throw Invalid("has a field of an impossible type");
            }
        }

        /// <summary>Reads a <c>bool</c>.</summary>
        public bool ReadBool()
        {
            return ReadVarint() != 0;
        }

        /// <summary>Reads an <c>int32</c> or the number of an enum.</summary>
        public int ReadInt32()
        {
            return (int)ReadVarint();
        }

        /// <summary>Reads an <c>int64</c>.</summary>
        public long ReadInt64()
        {
            return (long)ReadVarint();
        }

        /// <summary>Reads a <c>uint32</c>.</summary>
        public uint ReadUInt32()
        {
            return (uint)ReadVarint();
        }

        /// <summary>Reads a <c>uint64</c>.</summary>
        public ulong ReadUInt64()
        {
            return ReadVarint();
        }

        /// <summary>Reads an <c>sint32</c>.</summary>
        public int ReadSInt32()
        {
            uint value = (uint)ReadVarint();
            return (int)(value >> 1) ^ -(int)(value & 1);
        }

        /// <summary>Reads an <c>sint64</c>.</summary>
        public long ReadSInt64()
        {
            ulong value = ReadVarint();
            return (long)(value >> 1) ^ -(long)(value & 1);
        }

        /// <summary>Reads a <c>fixed32</c>.</summary>
        public uint ReadFixed32()
        {
            return BitConverter.ToUInt32(_data, Take(4));
        }

        /// <summary>Reads a <c>fixed64</c>.</summary>
        public ulong ReadFixed64()
        {
            return BitConverter.ToUInt64(_data, Take(8));
        }

        /// <summary>Reads an <c>sfixed32</c>.</summary>
        public int ReadSFixed32()
        {
            return (int)ReadFixed32();
        }

        /// <summary>Reads an <c>sfixed64</c>.</summary>
        public long ReadSFixed64()
        {
            return (long)ReadFixed64();
        }

        /// <summary>Reads a <c>float</c>.</summary>
        public float ReadFloat()
        {
            return BitConverter.ToSingle(_data, Take(4));
        }

        /// <summary>Reads a <c>double</c>.</summary>
        public double ReadDouble()
        {
            return BitConverter.ToDouble(_data, Take(8));
        }

        /// <summary>Reads a <c>string</c>, which must be valid UTF-8.</summary>
        public string ReadString()
        {
            int length = ReadLength();
            int start = Take(length);
            try
            {
                return Utf8.GetString(_data, start, length);
            }
            catch (DecoderFallbackException)
            {
                throw Invalid("has a text that is not UTF-8");
            }
        }

        /// <summary>Reads <c>bytes</c>.</summary>
        public byte[] ReadBytes()
        {
            var bytes = new byte[ReadLength()];
            Buffer.BlockCopy(_data, Take(bytes.Length), bytes, 0, bytes.Length);
            return bytes;
        }

        /// <summary>Reads a message within this one into <paramref name="message"/> and returns it.</summary>
        public T ReadMessage<T>(T message) where T : IMessage
        {
            int outerEnd = EnterLength();
            Descend();
            message.MergeFrom(this);
            _depth--;
            _end = outerEnd;
            return message;
        }

        /// <summary>
        /// Reads one value of a repeated field of numbers, or all that are packed behind one tag:
        /// a reader must take both.
        /// </summary>
        public void ReadRepeated<T>(uint tag, List<T> values, Func<T> read)
        {
            if ((WireType)(tag & 7) != WireType.Length)
            {
                values.Add(read());
                return;
            }
            int outerEnd = EnterLength();
            while (_position < _end)
            {
                values.Add(read());
            }
            _end = outerEnd;
        }

        // Groups are proto2's; no message here has one, but unknown fields may.
        private void SkipGroup(uint startTag)
        {
            Descend();
            uint endTag = startTag - (uint)WireType.StartGroup + (uint)WireType.EndGroup;
            uint tag;
            while ((tag = ReadTag()) != endTag)
            {
                if (tag == 0)
                {
                    throw Invalid("is cut off");
                }
                SkipField(tag);
            }
            _depth--;
        }

        private void Descend()
        {
            if (++_depth > MaxDepth)
            {
                throw Invalid("is nested deeper than " + MaxDepth + " levels");
            }
        }

        // What is read from here on ends with the length that stands here. Returns the end until now.
        private int EnterLength()
        {
            int length = ReadLength();
            int outerEnd = _end;
            _end = _position + length;
            return outerEnd;
        }

        private int ReadLength()
        {
            ulong length = ReadVarint(ShortVarint);
            if (length > (ulong)(_end - _position))
            {
                throw Invalid("is cut off");
            }
            return (int)length;
        }

        private ulong ReadVarint(int maxBytes = LongVarint)
        {
            ulong value = 0;
            for (int shift = 0; shift < 7 * maxBytes; shift += 7)
            {
                byte next = _data[Take(1)];
                value |= (ulong)(next & 0x7f) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }
            throw Invalid("has a number of more than " + maxBytes + " bytes");
        }

        // Moves past so many bytes and returns where they begin.
        private int Take(int count)
        {
            if (count > _end - _position)
            {
                throw Invalid("is cut off");
            }
            int start = _position;
            _position += count;
            return start;
        }

        private InvalidProtobufException Invalid(string what)
        {
            return new InvalidProtobufException("The message " + what + " (at byte " + _position + ").");
        }
    }
}
