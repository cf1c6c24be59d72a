using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using SkyServer.V1;

namespace SkyServer.Editor
{
    /// <summary>
    /// Puts the events of a stream together: any number of progress, then for each file a header and
    /// its chunks, then the facts. What arrives is not trusted: names, sizes and digests are checked.
    /// </summary>
    internal sealed class SkyResultReader
    {
        /// <summary>All files of one reply together; a panorama of 8192 pixels as floats has 403 MB.</summary>
        internal const long MaxBytes = 512L << 20;

        private const int MaxFiles = 100;
        private const int MaxPixels = 16384;
        private const int MaxNameLength = 100;

        private readonly Action<Progress> _onProgress;
        private readonly List<SkyFile> _files = new List<SkyFile>();
        private readonly List<byte[]> _chunks = new List<byte[]>();
        private Artifact _header;
        private long _headerBytes;
        private long _totalBytes;
        private Facts _facts;

        /// <param name="onProgress">Called as progress arrives, on the thread that adds it; or null.</param>
        internal SkyResultReader(Action<Progress> onProgress)
        {
            _onProgress = onProgress;
        }

        /// <summary>Takes in the next event.</summary>
        /// <exception cref="SkyServerException">It is not what may come here.</exception>
        internal void Add(SkyEvent received)
        {
            if (_facts != null)
            {
                throw ClientError.Damaged("The server sent something after the end of its answer");
            }
            switch (received.EventCase)
            {
                case SkyEvent.EventOneofCase.Progress:
                    _onProgress?.Invoke(received.Progress);
                    break;
                case SkyEvent.EventOneofCase.Artifact:
                    FinishFile();
                    Begin(received.Artifact);
                    break;
                case SkyEvent.EventOneofCase.Chunk:
                    Append(received.Chunk);
                    break;
                case SkyEvent.EventOneofCase.Facts:
                    FinishFile();
                    _facts = received.Facts;
                    break;
            }
        }

        /// <summary>The whole result, once the stream has ended.</summary>
        /// <exception cref="SkyServerException">Something is missing.</exception>
        internal SkyResult Finish()
        {
            if (_facts == null || _files.Count == 0)
            {
                throw ClientError.Damaged("The server's answer lacks its end");
            }
            return new SkyResult(_files, _facts);
        }

        private void Begin(Artifact header)
        {
            if (_files.Count == MaxFiles)
            {
                throw ClientError.Damaged($"The server sent more than {MaxFiles} files");
            }
            if (!IsFileName(header.Name) || _files.Any(file => file.Name == header.Name))
            {
                throw ClientError.Damaged("The server sent a file name that cannot be used");
            }
            if (header.Width > MaxPixels || header.Height > MaxPixels)
            {
                throw ClientError.Damaged($"{header.Name} has an impossible size in pixels");
            }
            if (header.Size > (ulong)(MaxBytes - _totalBytes))
            {
                throw ClientError.TooLarge(MaxBytes);
            }
            _header = header;
            _headerBytes = 0;
            _totalBytes += (long)header.Size;
        }

        private void Append(byte[] chunk)
        {
            _headerBytes += chunk.Length;
            if (_header == null || chunk.Length == 0 || _headerBytes > (long)_header.Size)
            {
                throw ClientError.Damaged("The server sent bytes that it did not announce");
            }
            _chunks.Add(chunk);
        }

        private void FinishFile()
        {
            if (_header == null)
            {
                return;
            }
            if (_headerBytes != (long)_header.Size)
            {
                throw ClientError.Damaged(
                    $"{_header.Name} has {_headerBytes} bytes, {_header.Size} were announced");
            }
            byte[] data = Joined();
            using (var sha256 = SHA256.Create())
            {
                if (!sha256.ComputeHash(data).SequenceEqual(_header.Sha256))
                {
                    throw ClientError.Damaged($"{_header.Name} arrived damaged: its SHA-256 is wrong");
                }
            }
            _files.Add(new SkyFile(_header, data));
            _header = null;
            _chunks.Clear();
        }

        /// <summary>On every system, without leaving its folder.</summary>
        private static bool IsFileName(string name)
        {
            return name.Length > 0 && name.Length <= MaxNameLength && IsLetterOrDigit(name[0])
                && name.All(c => IsLetterOrDigit(c) || c == '.' || c == '_' || c == '-');
        }

        private static bool IsLetterOrDigit(char c)
        {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        }

        private byte[] Joined()
        {
            var data = new byte[_headerBytes];
            int done = 0;
            foreach (byte[] chunk in _chunks)
            {
                Buffer.BlockCopy(chunk, 0, data, done, chunk.Length);
                done += chunk.Length;
            }
            return data;
        }
    }
}
