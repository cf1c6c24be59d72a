using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace SkyServer.Editor
{
    /// <summary>
    /// One frame of the gRPC-Web wire format
    /// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md): a byte of flags, the length as
    /// four bytes with the highest first, then that many bytes of a message or of the trailer.
    /// </summary>
    internal sealed class GrpcWebFrame
    {
        /// <summary>The largest payload that is read, what gRPC itself allows by default.</summary>
        internal const int MaxBytes = 4 << 20;

        private const int HeaderBytes = 5;
        private const byte TrailerFlag = 0x80;

        private GrpcWebFrame(bool isTrailer, byte[] payload)
        {
            IsTrailer = isTrailer;
            Payload = payload;
        }

        internal bool IsTrailer { get; private set; }

        internal byte[] Payload { get; private set; }

        /// <summary>The bytes of a frame that carries this message.</summary>
        internal static byte[] Encode(byte[] message)
        {
            var frame = new byte[HeaderBytes + message.Length];
            for (int i = 0; i < 4; i++)
            {
                frame[1 + i] = (byte)(message.Length >> (24 - 8 * i));
            }
            Buffer.BlockCopy(message, 0, frame, HeaderBytes, message.Length);
            return frame;
        }

        /// <summary>The next frame of a stream.</summary>
        /// <param name="stream">What the server sends.</param>
        /// <param name="budget">Spent on the frame before room is made for it.</param>
        /// <param name="cancellation">Ends the reading.</param>
        /// <exception cref="EndOfStreamException">The stream ends before the frame does.</exception>
        /// <exception cref="InvalidDataException">The flags are none that may be here.</exception>
        /// <exception cref="SkyServerException">
        /// The frame is larger than <see cref="MaxBytes"/>, or the answer than its budget.
        /// </exception>
        internal static async Task<GrpcWebFrame> ReadAsync(
            Stream stream, AnswerBudget budget, CancellationToken cancellation)
        {
            byte[] header = await ReadAsync(stream, HeaderBytes, cancellation).ConfigureAwait(false);
            byte flags = header[0];
            if (flags != 0 && flags != TrailerFlag)
            {
                throw new InvalidDataException($"a frame with the flags 0x{flags:x2}");
            }
            uint length = 0;
            for (int i = 1; i < HeaderBytes; i++)
            {
                length = length << 8 | header[i];
            }
            if (length > MaxBytes)
            {
                throw ClientError.Endless("A message of the answer", MaxBytes);
            }
            budget.Spend(HeaderBytes + length);
            byte[] payload = await ReadAsync(stream, (int)length, cancellation).ConfigureAwait(false);
            return new GrpcWebFrame(flags == TrailerFlag, payload);
        }

        private static async Task<byte[]> ReadAsync(
            Stream stream, int count, CancellationToken cancellation)
        {
            var bytes = new byte[count];
            int done = 0;
            while (done < count)
            {
                int read = await stream.ReadAsync(bytes, done, count - done, cancellation)
                    .ConfigureAwait(false);
                if (read == 0)
                {
                    throw new EndOfStreamException();
                }
                done += read;
            }
            return bytes;
        }
    }
}
