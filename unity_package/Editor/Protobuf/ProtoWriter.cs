using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace SkyServer.Editor.Protobuf
{
    /// <summary>
    /// Writes the protobuf wire format (https://protobuf.dev/programming-guides/encoding/) to memory.
    /// A field is its tag, then its value.
    /// </summary>
    public sealed class ProtoWriter
    {
        private static readonly UTF8Encoding Utf8 = new UTF8Encoding(false, true);

        private byte[] _buffer = new byte[64];
        private int _count;

        /// <summary>The whole message as bytes.</summary>
        public static byte[] ToByteArray(IMessage message)
        {
            var output = new ProtoWriter();
            message.WriteTo(output);
            var bytes = new byte[output._count];
            Buffer.BlockCopy(output._buffer, 0, bytes, 0, bytes.Length);
            return bytes;
        }

        /// <summary>
        /// The entries of a map in the order of their keys as UTF-8, the order in which other
        /// implementations write them when asked for the same bytes each time.
        /// </summary>
        public static IEnumerable<KeyValuePair<string, T>> InKeyOrder<T>(Dictionary<string, T> map)
        {
            return map.OrderBy(entry => entry.Key, Comparer<string>.Create(CompareUtf8));
        }

        /// <summary>Writes what stands before a value: its field number times 8, plus its wire type.</summary>
        public void WriteTag(uint tag)
        {
            WriteVarint(tag);
        }

        /// <summary>Writes a <c>bool</c>.</summary>
        public void WriteBool(bool value)
        {
            WriteVarint(value ? 1u : 0u);
        }

        /// <summary>Writes an <c>int32</c> or the number of an enum.</summary>
        public void WriteInt32(int value)
        {
            WriteVarint((ulong)value);
        }

        /// <summary>Writes an <c>int64</c>.</summary>
        public void WriteInt64(long value)
        {
            WriteVarint((ulong)value);
        }

        /// <summary>Writes a <c>uint32</c>.</summary>
        public void WriteUInt32(uint value)
        {
            WriteVarint(value);
        }

        /// <summary>Writes a <c>uint64</c>.</summary>
        public void WriteUInt64(ulong value)
        {
            WriteVarint(value);
        }

        /// <summary>Writes an <c>sint32</c>: small numbers are short, whatever their sign.</summary>
        public void WriteSInt32(int value)
        {
            WriteVarint((uint)((value << 1) ^ (value >> 31)));
        }

        /// <summary>Writes an <c>sint64</c>: small numbers are short, whatever their sign.</summary>
        public void WriteSInt64(long value)
        {
            WriteVarint((ulong)((value << 1) ^ (value >> 63)));
        }

        /// <summary>Writes a <c>fixed32</c>.</summary>
        public void WriteFixed32(uint value)
        {
            WriteLittleEndian(value, 4);
        }

        /// <summary>Writes a <c>fixed64</c>.</summary>
        public void WriteFixed64(ulong value)
        {
            WriteLittleEndian(value, 8);
        }

        /// <summary>Writes an <c>sfixed32</c>.</summary>
        public void WriteSFixed32(int value)
        {
            WriteLittleEndian((uint)value, 4);
        }

        /// <summary>Writes an <c>sfixed64</c>.</summary>
        public void WriteSFixed64(long value)
        {
            WriteLittleEndian((ulong)value, 8);
        }

        /// <summary>Writes a <c>float</c>.</summary>
        public void WriteFloat(float value)
        {
            WriteLittleEndian(BitConverter.ToUInt32(BitConverter.GetBytes(value), 0), 4);
        }

        /// <summary>Writes a <c>double</c>.</summary>
        public void WriteDouble(double value)
        {
            WriteLittleEndian((ulong)BitConverter.DoubleToInt64Bits(value), 8);
        }

        /// <summary>Writes a <c>string</c>.</summary>
        /// <exception cref="ArgumentException">It holds half of a surrogate pair.</exception>
        public void WriteString(string value)
        {
            WriteBytes(Utf8.GetBytes(value));
        }

        /// <summary>Writes <c>bytes</c>.</summary>
        public void WriteBytes(byte[] value)
        {
            WriteVarint((ulong)value.Length);
            Reserve(value.Length);
            Buffer.BlockCopy(value, 0, _buffer, _count, value.Length);
            _count += value.Length;
        }

        /// <summary>Writes a message within this one.</summary>
        public void WriteMessage(IMessage message)
        {
            int start = _count;
            message.WriteTo(this);
            InsertLength(start);
        }

        /// <summary>Writes a repeated field of numbers: one tag, then all values.</summary>
        public void WritePacked<T>(uint tag, List<T> values, Action<T> write)
        {
            if (values.Count == 0)
            {
                return;
            }
            WriteTag(tag);
            int start = _count;
            values.ForEach(write);
            InsertLength(start);
        }

        private static int CompareUtf8(string a, string b)
        {
            byte[] x = Utf8.GetBytes(a), y = Utf8.GetBytes(b);
            for (int i = 0; i < x.Length && i < y.Length; i++)
            {
                if (x[i] != y[i])
                {
                    return x[i].CompareTo(y[i]);
                }
            }
            return x.Length.CompareTo(y.Length);
        }

        // The length stands before what it counts, and is itself one to five bytes long.
        private void InsertLength(int start)
        {
            int length = _count - start;
            WriteVarint((ulong)length);
            int size = _count - start - length;
            var prefix = new byte[size];
            Buffer.BlockCopy(_buffer, start + length, prefix, 0, size);
            Buffer.BlockCopy(_buffer, start, _buffer, start + size, length);
            Buffer.BlockCopy(prefix, 0, _buffer, start, size);
        }

        private void WriteVarint(ulong value)
        {
            Reserve(10);
            while (value > 0x7f)
            {
                _buffer[_count++] = (byte)(value | 0x80);
                value >>= 7;
            }
            _buffer[_count++] = (byte)value;
        }

        private void WriteLittleEndian(ulong value, int size)
        {
            Reserve(size);
            for (int i = 0; i < size; i++)
            {
                _buffer[_count++] = (byte)(value >> (8 * i));
            }
        }

        private void Reserve(int size)
        {
            int needed = checked(_count + size);
            if (needed > _buffer.Length)
            {
                Array.Resize(ref _buffer, (int)Math.Min(int.MaxValue, Math.Max(needed, 2L * _buffer.Length)));
            }
        }
    }
}
