using System.IO;
using System.Linq;
using System.Threading;
using NUnit.Framework;

namespace SkyServer.Editor.Tests
{
    public sealed class GrpcWebFrameTests
    {
        [Test]
        public void AFrameIsAFlagALengthAndTheMessage()
        {
            CollectionAssert.AreEqual(
                new byte[] { 0, 0, 0, 0, 3, 7, 8, 9 }, GrpcWebFrame.Encode(new byte[] { 7, 8, 9 }));
            Assert.AreEqual(new byte[] { 0, 0, 1, 0, 2 }, GrpcWebFrame.Encode(new byte[65538]).Take(5));
        }

        [Test]
        public void FramesFollowEachOther()
        {
            var stream = new MemoryStream(new byte[] { 0, 0, 0, 0, 1, 5, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 1, 6 });
            GrpcWebFrame first = Read(stream), empty = Read(stream), last = Read(stream);
            Assert.IsFalse(first.IsTrailer);
            Assert.AreEqual(new byte[] { 5 }, first.Payload);
            Assert.AreEqual(0, empty.Payload.Length);
            Assert.IsTrue(last.IsTrailer);
            Assert.AreEqual(new byte[] { 6 }, last.Payload);
        }

        [Test]
        public void AFrameMayArriveByteByByte()
        {
            byte[] message = Enumerable.Range(0, 100).Select(i => (byte)i).ToArray();
            Assert.AreEqual(message, Read(new Dripping(GrpcWebFrame.Encode(message))).Payload);
        }

        [Test]
        public void EveryCutIsNoticed()
        {
            byte[] whole = GrpcWebFrame.Encode(new byte[20]);
            for (int length = 0; length < whole.Length; length++)
            {
                var cut = new MemoryStream(whole, 0, length);
                Assert.Throws<EndOfStreamException>(() => Read(cut));
            }
        }

        [TestCase(0x01)]
        [TestCase(0x02)]
        [TestCase(0x81)]
        [TestCase((int)'H')]
        public void OtherFlagsAreRefused(int flags)
        {
            var stream = new MemoryStream(new byte[] { (byte)flags, 0, 0, 0, 1, 5 });
            Assert.Throws<InvalidDataException>(() => Read(stream));
        }

        [TestCase(0x00, 0x40, 0x00, 0x01)]
        [TestCase(0x7f, 0xff, 0xff, 0xff)]
        [TestCase(0x80, 0x00, 0x00, 0x00)]
        [TestCase(0xff, 0xff, 0xff, 0xff)]
        public void ALengthBeyondTheLimitIsRefusedBeforeAnythingIsReserved(int a, int b, int c, int d)
        {
            var stream = new MemoryStream(new byte[] { 0, (byte)a, (byte)b, (byte)c, (byte)d });
            var error = Assert.Throws<SkyServerException>(() => Read(stream));
            Assert.AreEqual(ErrorReason.ReplyTooLarge, error.Reason);
        }

        [Test]
        public void AnAnswerBeyondItsBudgetIsRefusedBeforeAnythingIsReserved()
        {
            byte[] frame = GrpcWebFrame.Encode(new byte[20]), header = { 0, 0, 0, 0, 20 };
            var stream = new MemoryStream(frame.Concat(frame).Concat(header).ToArray());
            var budget = new AnswerBudget(2 * frame.Length);
            Read(stream, budget);
            Read(stream, budget);
            var error = Assert.Throws<SkyServerException>(() => Read(stream, budget));
            Assert.AreEqual(ErrorReason.ReplyTooLarge, error.Reason);
        }

        [Test]
        public void EmptyFramesAreCountedToo()
        {
            var budget = new AnswerBudget(9);
            Read(new MemoryStream(GrpcWebFrame.Encode(new byte[0])), budget);
            Assert.Throws<SkyServerException>(
                () => Read(new MemoryStream(GrpcWebFrame.Encode(new byte[0])), budget));
        }

        private static GrpcWebFrame Read(Stream stream)
        {
            return Read(stream, new AnswerBudget(long.MaxValue));
        }

        private static GrpcWebFrame Read(Stream stream, AnswerBudget budget)
        {
            return GrpcWebFrame.ReadAsync(stream, budget, CancellationToken.None).GetAwaiter().GetResult();
        }

        private sealed class Dripping : MemoryStream
        {
            internal Dripping(byte[] bytes) : base(bytes)
            {
            }

            public override System.Threading.Tasks.Task<int> ReadAsync(
                byte[] buffer, int offset, int count, CancellationToken cancellation)
            {
                return base.ReadAsync(buffer, offset, count > 0 ? 1 : 0, cancellation);
            }
        }
    }
}
