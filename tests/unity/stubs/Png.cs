// Reads and writes 8-bit PNG pictures, RGB or RGBA (ISO/IEC 15948), as Unity does natively.
using System;
using System.IO;
using System.IO.Compression;

namespace UnityEngine
{
    public static class Png
    {
        private static readonly byte[] Signature = { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A };

        /// <summary>Width and height that the header gives, without a look at the rest.</summary>
        public static bool TryMeasure(byte[] data, out int width, out int height)
        {
            width = height = 0;
            if (data.Length < 33)
                return false;
            for (int i = 0; i < Signature.Length; i++)
                if (data[i] != Signature[i])
                    return false;
            width = Integer(data, 16);
            height = Integer(data, 20);
            return true;
        }

        /// <summary>Rows from the bottom to the top, as textures have them.</summary>
        public static bool TryDecode(byte[] data, out int width, out int height, out Color32[] pixels)
        {
            pixels = null;
            if (!TryMeasure(data, out width, out height) || data[24] != 8 || (data[25] & ~4) != 2 || data[28] != 0)
                return false;
            try
            {
                pixels = ToPixels(Inflated(data), width, height, data[25] == 6 ? 4 : 3);
                return true;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }

        /// <summary>RGB, unfiltered.</summary>
        public static byte[] Encode(int width, int height, Color32[] pixels)
        {
            MemoryStream file = new MemoryStream();
            file.Write(Signature, 0, Signature.Length);
            byte[] header = new byte[13];
            Put(header, 0, width);
            Put(header, 4, height);
            header[8] = 8;
            header[9] = 2;
            WriteChunk(file, "IHDR", header);
            WriteChunk(file, "IDAT", Deflated(ToRows(width, height, pixels)));
            WriteChunk(file, "IEND", new byte[0]);
            return file.ToArray();
        }

        private static byte[] ToRows(int width, int height, Color32[] pixels)
        {
            byte[] rows = new byte[height * (1 + 3 * width)];
            for (int y = height - 1, at = 0; y >= 0; y--)
            {
                at++; // the row's filter: none
                for (int x = 0; x < width; x++)
                {
                    Color32 pixel = pixels[y * width + x];
                    rows[at++] = pixel.r;
                    rows[at++] = pixel.g;
                    rows[at++] = pixel.b;
                }
            }
            return rows;
        }

        private static byte[] Deflated(byte[] rows)
        {
            MemoryStream packed = new MemoryStream();
            packed.WriteByte(0x78);
            packed.WriteByte(0x01);
            using (DeflateStream deflate = new DeflateStream(packed, CompressionMode.Compress, true))
                deflate.Write(rows, 0, rows.Length);
            uint low = 1, high = 0;
            foreach (byte value in rows)
            {
                low = (low + value) % 65521;
                high = (high + low) % 65521;
            }
            byte[] checksum = new byte[4];
            Put(checksum, 0, (int)(high << 16 | low));
            packed.Write(checksum, 0, 4);
            return packed.ToArray();
        }

        private static void WriteChunk(Stream file, string type, byte[] data)
        {
            byte[] chunk = new byte[12 + data.Length];
            Put(chunk, 0, data.Length);
            System.Text.Encoding.ASCII.GetBytes(type, 0, 4, chunk, 4);
            data.CopyTo(chunk, 8);
            uint crc = uint.MaxValue;
            for (int i = 4; i < chunk.Length - 4; i++)
            {
                crc ^= chunk[i];
                for (int bit = 0; bit < 8; bit++)
                    crc = (crc & 1) == 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
            }
            Put(chunk, chunk.Length - 4, (int)~crc);
            file.Write(chunk, 0, chunk.Length);
        }

        private static void Put(byte[] data, int at, int value)
        {
            for (int i = 0; i < 4; i++)
                data[at + i] = (byte)(value >> 24 - 8 * i);
        }

        private static Stream Inflated(byte[] data)
        {
            MemoryStream packed = new MemoryStream();
            for (int at = 8; at + 12 <= data.Length;)
            {
                int length = Integer(data, at);
                if (length < 0 || length > data.Length - at - 12)
                    throw new InvalidDataException();
                if (System.Text.Encoding.ASCII.GetString(data, at + 4, 4) == "IDAT")
                    packed.Write(data, at + 8, length);
                at += 12 + length;
            }
            packed.Position = 2; // behind the header of zlib
            return new DeflateStream(packed, CompressionMode.Decompress);
        }

        private static Color32[] ToPixels(Stream rows, int width, int height, int channels)
        {
            Color32[] pixels = new Color32[width * height];
            byte[] above = new byte[width * channels], row = new byte[width * channels];
            for (int y = height - 1; y >= 0; y--)
            {
                int filter = rows.ReadByte();
                Fill(rows, row);
                Unfilter(filter, row, above, channels);
                for (int x = 0, at = 0; x < width; x++, at += channels)
                    pixels[y * width + x] = new Color32(row[at], row[at + 1], row[at + 2], channels == 4 ? row[at + 3] : (byte)255);
                byte[] spare = above;
                above = row;
                row = spare;
            }
            return pixels;
        }

        private static void Fill(Stream stream, byte[] row)
        {
            for (int have = 0, got; have < row.Length; have += got)
            {
                got = stream.Read(row, have, row.Length - have);
                if (got == 0)
                    throw new InvalidDataException();
            }
        }

        private static void Unfilter(int filter, byte[] row, byte[] above, int channels)
        {
            for (int i = 0; i < row.Length; i++)
            {
                int left = i < channels ? 0 : row[i - channels];
                int corner = i < channels ? 0 : above[i - channels];
                switch (filter)
                {
                    case 0: return;
                    case 1: row[i] += (byte)left; break;
                    case 2: row[i] += above[i]; break;
                    case 3: row[i] += (byte)((left + above[i]) / 2); break;
                    case 4: row[i] += (byte)Paeth(left, above[i], corner); break;
                    default: throw new InvalidDataException();
                }
            }
        }

        private static int Paeth(int left, int above, int corner)
        {
            int toLeft = Math.Abs(above - corner), toAbove = Math.Abs(left - corner);
            int toCorner = Math.Abs(left + above - 2 * corner);
            return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
        }

        private static int Integer(byte[] data, int at)
        {
            return data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3];
        }
    }
}
