using System;
using System.Globalization;
using System.Linq;
using NUnit.Framework;
using SkyServer.Editor.Protobuf;
using SkyServer.V1;

namespace SkyServer.Editor.Tests
{
    /// <summary>
    /// Bytes worked out by hand from https://protobuf.dev/programming-guides/encoding/; where it gives
    /// an example, that one.
    /// </summary>
    public sealed class ProtobufTests
    {
        private sealed class Fragment : IMessage
        {
            public Action<ProtoWriter> Write;

            public void WriteTo(ProtoWriter output)
            {
                Write(output);
            }

            public void MergeFrom(ProtoReader input)
            {
                throw new NotSupportedException();
            }
        }

        private static byte[] Bytes(string hex)
        {
            return hex.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries)
                .Select(part => byte.Parse(part, NumberStyles.HexNumber))
                .ToArray();
        }

        private static string Hex(byte[] bytes)
        {
            return string.Join(" ", bytes.Select(part => part.ToString("x2")).ToArray());
        }

        private static string Written(Action<ProtoWriter> write)
        {
            return Hex(ProtoWriter.ToByteArray(new Fragment { Write = write }));
        }

        private static ProtoReader Reader(string hex)
        {
            return new ProtoReader(Bytes(hex));
        }

        private static void AssertInvalid(string hex)
        {
            Assert.Throws<InvalidProtobufException>(() => SkyEvent.Parse(Bytes(hex)));
        }

        [TestCase(0ul, "00")]
        [TestCase(1ul, "01")]
        [TestCase(127ul, "7f")]
        [TestCase(128ul, "80 01")]
        [TestCase(150ul, "96 01")]
        [TestCase(ulong.MaxValue, "ff ff ff ff ff ff ff ff ff 01")]
        public void VarintIsSevenBitsAByteLowestFirst(ulong value, string hex)
        {
            Assert.AreEqual(hex, Written(output => output.WriteUInt64(value)));
            Assert.AreEqual(value, Reader(hex).ReadUInt64());
        }

        [TestCase(-2, "fe ff ff ff ff ff ff ff ff 01")]
        [TestCase(int.MinValue, "80 80 80 80 f8 ff ff ff ff 01")]
        [TestCase(int.MaxValue, "ff ff ff ff 07")]
        public void NegativeIntegerTakesTenBytes(int value, string hex)
        {
            Assert.AreEqual(hex, Written(output => output.WriteInt32(value)));
            Assert.AreEqual(value, Reader(hex).ReadInt32());
            Assert.AreEqual(hex, Written(output => output.WriteInt64(value)));
            Assert.AreEqual((long)value, Reader(hex).ReadInt64());
        }

        [TestCase(0, "00")]
        [TestCase(-1, "01")]
        [TestCase(1, "02")]
        [TestCase(-2, "03")]
        [TestCase(int.MaxValue, "fe ff ff ff 0f")]
        [TestCase(int.MinValue, "ff ff ff ff 0f")]
        public void ZigZagKeepsSmallNumbersShort(int value, string hex)
        {
            Assert.AreEqual(hex, Written(output => output.WriteSInt32(value)));
            Assert.AreEqual(value, Reader(hex).ReadSInt32());
            Assert.AreEqual(hex, Written(output => output.WriteSInt64(value)));
            Assert.AreEqual((long)value, Reader(hex).ReadSInt64());
        }

        [Test]
        public void FixedNumbersAreLittleEndian()
        {
            Assert.AreEqual("04 03 02 01", Written(output => output.WriteFixed32(0x01020304)));
            Assert.AreEqual("fe ff ff ff", Written(output => output.WriteSFixed32(-2)));
            Assert.AreEqual("08 07 06 05 04 03 02 01", Written(output => output.WriteFixed64(0x0102030405060708)));
            Assert.AreEqual("fe ff ff ff ff ff ff ff", Written(output => output.WriteSFixed64(-2)));
            Assert.AreEqual("33 33 cb 41", Written(output => output.WriteFloat(25.4f)));
            Assert.AreEqual("66 66 66 66 66 66 39 40", Written(output => output.WriteDouble(25.4)));
            Assert.AreEqual(0x01020304u, Reader("04 03 02 01").ReadFixed32());
            Assert.AreEqual(-2L, Reader("fe ff ff ff ff ff ff ff").ReadSFixed64());
            Assert.AreEqual(25.4f, Reader("33 33 cb 41").ReadFloat());
            Assert.AreEqual(25.4, Reader("66 66 66 66 66 66 39 40").ReadDouble());
        }

        [Test]
        public void TextIsItsLengthThenUtf8()
        {
            Assert.AreEqual("07 74 65 73 74 69 6e 67", Written(output => output.WriteString("testing")));
            Assert.AreEqual("04 f0 9f 8c a4", Written(output => output.WriteString("\U0001F324")));
            Assert.AreEqual("\U0001F324", Reader("04 f0 9f 8c a4").ReadString());
        }

        [Test]
        public void RepeatedNumbersArePackedAndReadBothWays()
        {
            var limits = new Limits { PanoramaWidths = { 3, 270, 86942 } };
            Assert.AreEqual("32 06 03 8e 02 9e a7 05", Hex(limits.ToByteArray()));
            CollectionAssert.AreEqual(
                new[] { 3u, 270u, 86942u, 5u },
                Limits.Parse(Bytes("30 03 32 05 8e 02 9e a7 05 30 05")).PanoramaWidths);
        }

        [Test]
        public void DefaultIsLeftOutAndPresenceIsKept()
        {
            Assert.AreEqual("", Hex(new GenerateRequest().ToByteArray()));
            Assert.AreEqual("21 00 00 00 00 00 00 00 00", Hex(new GenerateRequest { Psi = 0 }.ToByteArray()));
            Assert.AreEqual("21 00 00 00 00 00 00 00 80", Hex(new GenerateRequest { Psi = -0.0 }.ToByteArray()));
            Assert.AreEqual("11 00 00 00 00 00 00 00 80", Hex(new Progress { Fraction = -0.0 }.ToByteArray()));
            Assert.IsNull(GenerateRequest.Parse(new byte[0]).Psi);
            Assert.AreEqual("", GenerateRequest.Parse(new byte[0]).Cloud);
            Assert.AreEqual("", new GenerateRequest { Cloud = null }.Cloud);
        }

        [Test]
        public void FieldsStandInTheOrderOfTheirNumbers()
        {
            var request = new GenerateRequest
            {
                Outputs = { new Output { Layout = Layout.Strip, Size = 2048 }, new Output() },
                Seed = 150,
                Cloud = "Cu",
            };
            Assert.AreEqual("0a 02 43 75 18 96 01 42 05 08 03 10 80 10 42 00", Hex(request.ToByteArray()));
        }

        [Test]
        public void MessagesMergeAndSingleValuesAreReplaced()
        {
            Facts facts = Facts.Parse(Bytes("0a 04 0a 02 43 75 0a 05 18 01 18 96 01"));
            Assert.AreEqual("Cu", facts.Request.Cloud);
            Assert.AreEqual(150ul, facts.Request.Seed);
        }

        [Test]
        public void LastOfAOneofWins()
        {
            SkyEvent skyEvent = SkyEvent.Parse(Bytes("0a 03 0a 01 61 1a 02 01 02"));
            Assert.AreEqual(SkyEvent.EventOneofCase.Chunk, skyEvent.EventCase);
            Assert.IsNull(skyEvent.Progress);
            CollectionAssert.AreEqual(new byte[] { 1, 2 }, skyEvent.Chunk);
            Assert.AreEqual("1a 02 01 02", Hex(skyEvent.ToByteArray()));
            skyEvent.Facts = new Facts();
            Assert.AreEqual("22 00", Hex(skyEvent.ToByteArray()));
            skyEvent.Facts = null;
            Assert.AreEqual(SkyEvent.EventOneofCase.None, skyEvent.EventCase);
        }

        [Test]
        public void MapIsAMessageForEachEntryInTheOrderOfTheKeys()
        {
            var info = new ErrorInfo { Metadata = { { "\uFFFF", "" }, { "\U0001F324", "b" }, { "a", "c" } } };
            string hex = "1a 06 0a 01 61 12 01 63 1a 07 0a 03 ef bf bf 12 00 1a 09 0a 04 f0 9f 8c a4 12 01 62";
            Assert.AreEqual(hex, Hex(info.ToByteArray()));
            CollectionAssert.AreEquivalent(info.Metadata, ErrorInfo.Parse(Bytes(hex)).Metadata);
            Assert.AreEqual("", ErrorInfo.Parse(Bytes("1a 03 0a 01 61")).Metadata["a"]);
        }

        [Test]
        public void UnknownEnumNumberIsKept()
        {
            Assert.AreEqual((Layout)99, Output.Parse(Bytes("08 63")).Layout);
            Assert.AreEqual("08 63", Hex(new Output { Layout = (Layout)99 }.ToByteArray()));
        }

        [TestCase("a0 06 01", Description = "number")]
        [TestCase("a1 06 01 02 03 04 05 06 07 08", Description = "eight bytes")]
        [TestCase("a2 06 02 01 02", Description = "length")]
        [TestCase("a3 06 08 01 ab 06 ac 06 a4 06", Description = "group within a group")]
        [TestCase("a5 06 01 02 03 04", Description = "four bytes")]
        [TestCase("08 01", Description = "known field of another type")]
        public void UnknownFieldIsSkipped(string hex)
        {
            Assert.AreEqual("Cu", GenerateRequest.Parse(Bytes(hex + " 0a 02 43 75")).Cloud);
        }

        [TestCase("0a", Description = "no length")]
        [TestCase("0a 03 0a 01", Description = "cut off")]
        [TestCase("0a 02 0a 01 61", Description = "a text that is longer than its message")]
        [TestCase("1a ff ff ff ff 0f", Description = "a length of 4 GiB")]
        [TestCase("1a ff ff ff ff ff ff ff ff ff 01", Description = "a length of -1")]
        [TestCase("0a 03 0a 01 ff", Description = "not UTF-8")]
        [TestCase("0a 05 0a 03 ed a0 80", Description = "half a surrogate pair in UTF-8")]
        [TestCase("00 00", Description = "field number 0")]
        [TestCase("80 80 80 80 80 01 00", Description = "a tag of six bytes")]
        [TestCase("0e", Description = "wire type 6")]
        [TestCase("0c", Description = "the end of no group")]
        [TestCase("a3 06", Description = "a group without end")]
        [TestCase("a3 06 ac 06", Description = "a group with the end of another")]
        [TestCase("a0 06 ff ff ff ff ff ff ff ff ff ff 01", Description = "a number of eleven bytes")]
        public void BrokenBytesAreRejected(string hex)
        {
            AssertInvalid(hex);
        }

        [Test]
        public void NestingIsLimited()
        {
            string start = "a3 06 ", end = "a4 06 ";
            string deepest = Repeat(start, ProtoReader.MaxDepth) + Repeat(end, ProtoReader.MaxDepth);
            Assert.AreEqual("", Hex(SkyEvent.Parse(Bytes(deepest)).ToByteArray()));
            AssertInvalid(start + deepest + end);
            AssertInvalid(Repeat(start, 100000));
        }

        private static string Repeat(string part, int count)
        {
            return string.Concat(Enumerable.Repeat(part, count).ToArray());
        }

        [Test]
        public void EveryTruncationIsRejectedOrEndsBetweenFields()
        {
            var whole = new SkyEvent
            {
                Artifact = new Artifact { Name = "px.png", Size = 1ul << 40, Sha256 = new byte[32] },
            };
            byte[] bytes = whole.ToByteArray();
            Assert.AreEqual(whole.Artifact.Size, SkyEvent.Parse(bytes).Artifact.Size);
            for (int length = 1; length < bytes.Length; length++)
            {
                AssertInvalid(Hex(bytes.Take(length).ToArray()));
            }
        }
    }
}
