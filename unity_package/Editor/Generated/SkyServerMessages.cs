// Made by `make protos` from protos/: change those, not this.

using System;
using System.Collections.Generic;
using SkyServer.Editor.Protobuf;

namespace SkyServer.V1
{
    /// <summary>The paths of the methods of skyserver.v1.SkyServer.</summary>
    public static class SkyServerMethods
    {
        /// <summary>What this server is, which models it serves and what it allows. Call it first.</summary>
        public const string Describe = "/skyserver.v1.SkyServer/Describe";

        /// <summary>
        /// Draws a sky. The stream is any number of <c>progress</c>, then for each artifact one <c>artifact</c> and
        /// its <c>chunk</c>s, then one <c>facts</c>, which ends it. A stream without <c>facts</c> is not whole.
        /// </summary>
        public const string Generate = "/skyserver.v1.SkyServer/Generate";

        /// <summary>Turns the caller's own image into the same kinds of output. The same stream.</summary>
        public const string Convert = "/skyserver.v1.SkyServer/Convert";

        /// <summary>
        /// A small picture of each cloud type of a model, in the order of <c>Model.clouds</c>, as the model
        /// draws it. The same model and size give the same bytes: keep them by the model's digest.
        /// Since revision 2.
        /// </summary>
        public const string Thumbnails = "/skyserver.v1.SkyServer/Thumbnails";
    }

    /// <summary>Default: PANORAMA.</summary>
    public enum Layout
    {
        Unspecified = 0,
        /// <summary>Equirectangular, 2:1.</summary>
        Panorama = 1,
        /// <summary>Six files.</summary>
        Faces = 2,
        /// <summary>Six faces side by side.</summary>
        Strip = 3,
        /// <summary>4:3, the middle row -X +Z +X -Z, +Y above +Z and -Y below it.</summary>
        HorizontalCross = 4,
        /// <summary>3:4.</summary>
        VerticalCross = 5,
    }

    /// <summary>Default: PNG. EXR and HDR hold linear light as 32-bit floats.</summary>
    public enum Format
    {
        Unspecified = 0,
        Png = 1,
        Jpg = 2,
        Webp = 3,
        Exr = 4,
        Hdr = 5,
    }

    /// <summary>Whose axes and face order. Default: UNITY.</summary>
    public enum Orientation
    {
        Unspecified = 0,
        Unity = 1,
        /// <summary>OpenGL and glTF.</summary>
        Opengl = 2,
        Unreal = 3,
        /// <summary>three.js and A-Frame.</summary>
        Threejs = 4,
    }

    /// <summary>How flat pictures become a circle. Default: BLEND.</summary>
    public enum Method
    {
        Unspecified = 0,
        /// <summary>Overlapped, cut along the least visible path and blended over several frequency bands.</summary>
        Blend = 1,
        /// <summary>Each picture beside its flipped self.</summary>
        Mirror = 2,
    }

    /// <summary>What an uploaded image is. Default: guessed from its shape.</summary>
    public enum Kind
    {
        Unspecified = 0,
        Flat = 1,
        Panorama = 2,
        Faces = 3,
        Strip = 4,
        HorizontalCross = 5,
        VerticalCross = 6,
    }

    public sealed class DescribeRequest : IMessage
    {
        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static DescribeRequest Parse(byte[] data)
        {
            return ProtoReader.Parse<DescribeRequest>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    public sealed class DescribeResponse : IMessage
    {
        /// <summary>The release of the server, as in "1.2.0". For people: compare <c>protocol</c> instead.</summary>
        public string ServerVersion
        {
            get { return _serverVersion; }
            set { _serverVersion = value ?? ""; }
        }

        private string _serverVersion = "";

        /// <summary>
        /// Handshake. This contract has a revision, a whole number that grows with every addition to it;
        /// the revision of this file is 2. A client that was made for revision C, and uses nothing that
        /// came after revision U,
        /// * is too old for the server when  C &lt; oldest_protocol,
        /// * is too new for the server when  U &gt; protocol.
        /// </summary>
        public uint Protocol { get; set; }

        public uint OldestProtocol { get; set; }

        /// <summary>The first one is the default.</summary>
        public List<Model> Models { get; } = new List<Model>();

        public Limits Limits { get; set; }

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static DescribeResponse Parse(byte[] data)
        {
            return ProtoReader.Parse<DescribeResponse>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (ServerVersion.Length != 0)
            {
                output.WriteTag(10);
                output.WriteString(ServerVersion);
            }
            if (Protocol != 0)
            {
                output.WriteTag(16);
                output.WriteUInt32(Protocol);
            }
            if (OldestProtocol != 0)
            {
                output.WriteTag(24);
                output.WriteUInt32(OldestProtocol);
            }
            foreach (Model item in Models)
            {
                output.WriteTag(34);
                output.WriteMessage(item);
            }
            if (Limits != null)
            {
                output.WriteTag(42);
                output.WriteMessage(Limits);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        ServerVersion = input.ReadString();
                        break;
                    case 16:
                        Protocol = input.ReadUInt32();
                        break;
                    case 24:
                        OldestProtocol = input.ReadUInt32();
                        break;
                    case 34:
                        Models.Add(input.ReadMessage(new Model()));
                        break;
                    case 42:
                        Limits = input.ReadMessage(Limits ?? new Limits());
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    /// <summary>A generator that the server can draw with.</summary>
    public sealed class Model : IMessage
    {
        public string Name
        {
            get { return _name; }
            set { _name = value ?? ""; }
        }

        private string _name = "";

        /// <summary>SHA-256 of the model file in hexadecimal. The same digest and request give the same bytes.</summary>
        public string Digest
        {
            get { return _digest; }
            set { _digest = value ?? ""; }
        }

        private string _digest = "";

        /// <summary>Size of the picture that the network itself draws.</summary>
        public uint Width { get; set; }

        public uint Height { get; set; }

        public List<CloudType> Clouds { get; } = new List<CloudType>();

        /// <summary>Whether its pictures continue across their left and right edge by themselves.</summary>
        public bool WrapsHorizontally { get; set; }

        public string Licence
        {
            get { return _licence; }
            set { _licence = value ?? ""; }
        }

        private string _licence = "";

        /// <summary>Free facts on the training, a JSON object.</summary>
        public string TrainingJson
        {
            get { return _trainingJson; }
            set { _trainingJson = value ?? ""; }
        }

        private string _trainingJson = "";

        /// <summary>
        /// What computes its pictures on this server, as in "cpu" or "cuda". For people, where a server has
        /// another than they expected. Empty: the server is older than this field.
        /// </summary>
        public string Backend
        {
            get { return _backend; }
            set { _backend = value ?? ""; }
        }

        private string _backend = "";

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static Model Parse(byte[] data)
        {
            return ProtoReader.Parse<Model>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (Name.Length != 0)
            {
                output.WriteTag(10);
                output.WriteString(Name);
            }
            if (Digest.Length != 0)
            {
                output.WriteTag(18);
                output.WriteString(Digest);
            }
            if (Width != 0)
            {
                output.WriteTag(24);
                output.WriteUInt32(Width);
            }
            if (Height != 0)
            {
                output.WriteTag(32);
                output.WriteUInt32(Height);
            }
            foreach (CloudType item in Clouds)
            {
                output.WriteTag(42);
                output.WriteMessage(item);
            }
            if (WrapsHorizontally)
            {
                output.WriteTag(48);
                output.WriteBool(WrapsHorizontally);
            }
            if (Licence.Length != 0)
            {
                output.WriteTag(58);
                output.WriteString(Licence);
            }
            if (TrainingJson.Length != 0)
            {
                output.WriteTag(66);
                output.WriteString(TrainingJson);
            }
            if (Backend.Length != 0)
            {
                output.WriteTag(74);
                output.WriteString(Backend);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        Name = input.ReadString();
                        break;
                    case 18:
                        Digest = input.ReadString();
                        break;
                    case 24:
                        Width = input.ReadUInt32();
                        break;
                    case 32:
                        Height = input.ReadUInt32();
                        break;
                    case 42:
                        Clouds.Add(input.ReadMessage(new CloudType()));
                        break;
                    case 48:
                        WrapsHorizontally = input.ReadBool();
                        break;
                    case 58:
                        Licence = input.ReadString();
                        break;
                    case 66:
                        TrainingJson = input.ReadString();
                        break;
                    case 74:
                        Backend = input.ReadString();
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    public sealed class CloudType : IMessage
    {
        /// <summary>Two letters, as in "Cu".</summary>
        public string Code
        {
            get { return _code; }
            set { _code = value ?? ""; }
        }

        private string _code = "";

        /// <summary>As in "cumulus".</summary>
        public string Name
        {
            get { return _name; }
            set { _name = value ?? ""; }
        }

        private string _name = "";

        /// <summary>How it looks, one line.</summary>
        public string Description
        {
            get { return _description; }
            set { _description = value ?? ""; }
        }

        private string _description = "";

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static CloudType Parse(byte[] data)
        {
            return ProtoReader.Parse<CloudType>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (Code.Length != 0)
            {
                output.WriteTag(10);
                output.WriteString(Code);
            }
            if (Name.Length != 0)
            {
                output.WriteTag(18);
                output.WriteString(Name);
            }
            if (Description.Length != 0)
            {
                output.WriteTag(26);
                output.WriteString(Description);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        Code = input.ReadString();
                        break;
                    case 18:
                        Name = input.ReadString();
                        break;
                    case 26:
                        Description = input.ReadString();
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    /// <summary>What the server allows. A request outside it ends in INVALID_ARGUMENT.</summary>
    public sealed class Limits : IMessage
    {
        public double MinPsi { get; set; }

        public double MaxPsi { get; set; }

        public uint MinPictures { get; set; }

        public uint MaxPictures { get; set; }

        public uint MaxOutputs { get; set; }

        /// <summary><c>Output.size</c> of a panorama.</summary>
        public List<uint> PanoramaWidths { get; } = new List<uint>();

        /// <summary><c>Output.size</c> of every other layout.</summary>
        public List<uint> FaceSizes { get; } = new List<uint>();

        public List<Layout> Layouts { get; } = new List<Layout>();

        /// <summary>Those that this server can write.</summary>
        public List<Format> Formats { get; } = new List<Format>();

        public List<Orientation> Orientations { get; } = new List<Orientation>();

        /// <summary>All images of one ConvertRequest together.</summary>
        public ulong MaxUploadBytes { get; set; }

        /// <summary>Any request message; a larger one ends in RESOURCE_EXHAUSTED before it is read.</summary>
        public ulong MaxMessageBytes { get; set; }

        /// <summary>Time for a whole call, waiting included.</summary>
        public double MaxSeconds { get; set; }

        /// <summary>Requests that may wait; one more ends in RESOURCE_EXHAUSTED with a retry delay.</summary>
        public uint Queue { get; set; }

        /// <summary>Pixels of each image of a ConvertRequest.</summary>
        public ulong MaxPixels { get; set; }

        /// <summary>
        /// Calls that this caller may have under way, and begin in a minute; 0 is without limit. One more
        /// ends in RESOURCE_EXHAUSTED with a retry delay.
        /// </summary>
        public uint Concurrency { get; set; }

        public uint RequestsPerMinute { get; set; }

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static Limits Parse(byte[] data)
        {
            return ProtoReader.Parse<Limits>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (BitConverter.DoubleToInt64Bits(MinPsi) != 0)
            {
                output.WriteTag(9);
                output.WriteDouble(MinPsi);
            }
            if (BitConverter.DoubleToInt64Bits(MaxPsi) != 0)
            {
                output.WriteTag(17);
                output.WriteDouble(MaxPsi);
            }
            if (MinPictures != 0)
            {
                output.WriteTag(24);
                output.WriteUInt32(MinPictures);
            }
            if (MaxPictures != 0)
            {
                output.WriteTag(32);
                output.WriteUInt32(MaxPictures);
            }
            if (MaxOutputs != 0)
            {
                output.WriteTag(40);
                output.WriteUInt32(MaxOutputs);
            }
            output.WritePacked(50, PanoramaWidths, item => output.WriteUInt32(item));
            output.WritePacked(58, FaceSizes, item => output.WriteUInt32(item));
            output.WritePacked(66, Layouts, item => output.WriteInt32((int)item));
            output.WritePacked(74, Formats, item => output.WriteInt32((int)item));
            output.WritePacked(82, Orientations, item => output.WriteInt32((int)item));
            if (MaxUploadBytes != 0)
            {
                output.WriteTag(88);
                output.WriteUInt64(MaxUploadBytes);
            }
            if (MaxMessageBytes != 0)
            {
                output.WriteTag(96);
                output.WriteUInt64(MaxMessageBytes);
            }
            if (BitConverter.DoubleToInt64Bits(MaxSeconds) != 0)
            {
                output.WriteTag(105);
                output.WriteDouble(MaxSeconds);
            }
            if (Queue != 0)
            {
                output.WriteTag(112);
                output.WriteUInt32(Queue);
            }
            if (MaxPixels != 0)
            {
                output.WriteTag(120);
                output.WriteUInt64(MaxPixels);
            }
            if (Concurrency != 0)
            {
                output.WriteTag(128);
                output.WriteUInt32(Concurrency);
            }
            if (RequestsPerMinute != 0)
            {
                output.WriteTag(136);
                output.WriteUInt32(RequestsPerMinute);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 9:
                        MinPsi = input.ReadDouble();
                        break;
                    case 17:
                        MaxPsi = input.ReadDouble();
                        break;
                    case 24:
                        MinPictures = input.ReadUInt32();
                        break;
                    case 32:
                        MaxPictures = input.ReadUInt32();
                        break;
                    case 40:
                        MaxOutputs = input.ReadUInt32();
                        break;
                    case 50:
                    case 48:
                        input.ReadRepeated(tag, PanoramaWidths, () => input.ReadUInt32());
                        break;
                    case 58:
                    case 56:
                        input.ReadRepeated(tag, FaceSizes, () => input.ReadUInt32());
                        break;
                    case 66:
                    case 64:
                        input.ReadRepeated(tag, Layouts, () => (Layout)input.ReadInt32());
                        break;
                    case 74:
                    case 72:
                        input.ReadRepeated(tag, Formats, () => (Format)input.ReadInt32());
                        break;
                    case 82:
                    case 80:
                        input.ReadRepeated(tag, Orientations, () => (Orientation)input.ReadInt32());
                        break;
                    case 88:
                        MaxUploadBytes = input.ReadUInt64();
                        break;
                    case 96:
                        MaxMessageBytes = input.ReadUInt64();
                        break;
                    case 105:
                        MaxSeconds = input.ReadDouble();
                        break;
                    case 112:
                        Queue = input.ReadUInt32();
                        break;
                    case 120:
                        MaxPixels = input.ReadUInt64();
                        break;
                    case 128:
                        Concurrency = input.ReadUInt32();
                        break;
                    case 136:
                        RequestsPerMinute = input.ReadUInt32();
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    public sealed class GenerateRequest : IMessage
    {
        /// <summary>Code or name of a cloud type that the model knows, upper or lower case. Required.</summary>
        public string Cloud
        {
            get { return _cloud; }
            set { _cloud = value ?? ""; }
        }

        private string _cloud = "";

        /// <summary>Name or digest of a model. Default: the server's first.</summary>
        public string Model
        {
            get { return _model; }
            set { _model = value ?? ""; }
        }

        private string _model = "";

        /// <summary>Which of the skies. Default: 0. A string in JavaScript, whose numbers end at 2^53.</summary>
        public ulong Seed { get; set; }

        /// <summary>Truncation, 0 (the average sky of its type) to 1 (the full variety). Default: 0.8.</summary>
        public double? Psi { get; set; }

        /// <summary>How many pictures of the same sky fill the circle, 1 to 8. Default: 4.</summary>
        public uint Pictures { get; set; }

        public Method Method { get; set; }

        /// <summary>Below the horizon: "haze", "mirror" or a colour "#rrggbb". Default: "haze".</summary>
        public string Below
        {
            get { return _below; }
            set { _below = value ?? ""; }
        }

        private string _below = "";

        /// <summary>One to four things to make of the sky. Default: one <c>Output</c> of defaults.</summary>
        public List<Output> Outputs { get; } = new List<Output>();

        /// <summary>A second cloud type to mix in, code or name. Default: none. Since revision 2.</summary>
        public string MixWith
        {
            get { return _mixWith; }
            set { _mixWith = value ?? ""; }
        }

        private string _mixWith = "";

        /// <summary>
        /// Its share, 0 to 1; <c>cloud</c> has the rest. Not used without <c>mix_with</c>. Default: 0.5.
        /// Since revision 2.
        /// </summary>
        public double? MixShare { get; set; }

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static GenerateRequest Parse(byte[] data)
        {
            return ProtoReader.Parse<GenerateRequest>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (Cloud.Length != 0)
            {
                output.WriteTag(10);
                output.WriteString(Cloud);
            }
            if (Model.Length != 0)
            {
                output.WriteTag(18);
                output.WriteString(Model);
            }
            if (Seed != 0)
            {
                output.WriteTag(24);
                output.WriteUInt64(Seed);
            }
            if (Psi != null)
            {
                output.WriteTag(33);
                output.WriteDouble(Psi.Value);
            }
            if (Pictures != 0)
            {
                output.WriteTag(40);
                output.WriteUInt32(Pictures);
            }
            if (Method != 0)
            {
                output.WriteTag(48);
                output.WriteInt32((int)Method);
            }
            if (Below.Length != 0)
            {
                output.WriteTag(58);
                output.WriteString(Below);
            }
            foreach (Output item in Outputs)
            {
                output.WriteTag(66);
                output.WriteMessage(item);
            }
            if (MixWith.Length != 0)
            {
                output.WriteTag(74);
                output.WriteString(MixWith);
            }
            if (MixShare != null)
            {
                output.WriteTag(81);
                output.WriteDouble(MixShare.Value);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        Cloud = input.ReadString();
                        break;
                    case 18:
                        Model = input.ReadString();
                        break;
                    case 24:
                        Seed = input.ReadUInt64();
                        break;
                    case 33:
                        Psi = input.ReadDouble();
                        break;
                    case 40:
                        Pictures = input.ReadUInt32();
                        break;
                    case 48:
                        Method = (Method)input.ReadInt32();
                        break;
                    case 58:
                        Below = input.ReadString();
                        break;
                    case 66:
                        Outputs.Add(input.ReadMessage(new Output()));
                        break;
                    case 74:
                        MixWith = input.ReadString();
                        break;
                    case 81:
                        MixShare = input.ReadDouble();
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    public sealed class ConvertRequest : IMessage
    {
        /// <summary>One encoded image (PNG, JPEG, WebP, HDR, EXR), or six cube faces of equal size. Required.</summary>
        public List<byte[]> Images { get; } = new List<byte[]>();

        public Kind Kind { get; set; }

        /// <summary>The convention that the images are in.</summary>
        public Orientation Orientation { get; set; }

        /// <summary>
        /// How a flat picture is closed to a circle, and what stands below its horizon. Not used
        /// for the other kinds.
        /// </summary>
        public Method Method { get; set; }

        public string Below
        {
            get { return _below; }
            set { _below = value ?? ""; }
        }

        private string _below = "";

        /// <summary>As in GenerateRequest.</summary>
        public List<Output> Outputs { get; } = new List<Output>();

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static ConvertRequest Parse(byte[] data)
        {
            return ProtoReader.Parse<ConvertRequest>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            foreach (byte[] item in Images)
            {
                output.WriteTag(10);
                output.WriteBytes(item);
            }
            if (Kind != 0)
            {
                output.WriteTag(16);
                output.WriteInt32((int)Kind);
            }
            if (Orientation != 0)
            {
                output.WriteTag(24);
                output.WriteInt32((int)Orientation);
            }
            if (Method != 0)
            {
                output.WriteTag(32);
                output.WriteInt32((int)Method);
            }
            if (Below.Length != 0)
            {
                output.WriteTag(42);
                output.WriteString(Below);
            }
            foreach (Output item in Outputs)
            {
                output.WriteTag(50);
                output.WriteMessage(item);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        Images.Add(input.ReadBytes());
                        break;
                    case 16:
                        Kind = (Kind)input.ReadInt32();
                        break;
                    case 24:
                        Orientation = (Orientation)input.ReadInt32();
                        break;
                    case 32:
                        Method = (Method)input.ReadInt32();
                        break;
                    case 42:
                        Below = input.ReadString();
                        break;
                    case 50:
                        Outputs.Add(input.ReadMessage(new Output()));
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    /// <summary>One thing to make of a sky.</summary>
    public sealed class Output : IMessage
    {
        public Layout Layout { get; set; }

        /// <summary>
        /// The width of a panorama (its height is half of it), the edge of one face in every other layout.
        /// Default: 2048 for a panorama, 512 for the others, which is the same detail.
        /// </summary>
        public uint Size { get; set; }

        public Format Format { get; set; }

        public Orientation Orientation { get; set; }

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static Output Parse(byte[] data)
        {
            return ProtoReader.Parse<Output>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (Layout != 0)
            {
                output.WriteTag(8);
                output.WriteInt32((int)Layout);
            }
            if (Size != 0)
            {
                output.WriteTag(16);
                output.WriteUInt32(Size);
            }
            if (Format != 0)
            {
                output.WriteTag(24);
                output.WriteInt32((int)Format);
            }
            if (Orientation != 0)
            {
                output.WriteTag(32);
                output.WriteInt32((int)Orientation);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 8:
                        Layout = (Layout)input.ReadInt32();
                        break;
                    case 16:
                        Size = input.ReadUInt32();
                        break;
                    case 24:
                        Format = (Format)input.ReadInt32();
                        break;
                    case 32:
                        Orientation = (Orientation)input.ReadInt32();
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    public sealed class SkyEvent : IMessage
    {
        public Progress Progress
        {
            get { return EventCase == EventOneofCase.Progress ? (Progress)_event : null; }
            set
            {
                _event = value;
                EventCase = value == null ? EventOneofCase.None : EventOneofCase.Progress;
            }
        }

        /// <summary>An artifact begins. The chunks after it, joined, are its bytes.</summary>
        public Artifact Artifact
        {
            get { return EventCase == EventOneofCase.Artifact ? (Artifact)_event : null; }
            set
            {
                _event = value;
                EventCase = value == null ? EventOneofCase.None : EventOneofCase.Artifact;
            }
        }

        public byte[] Chunk
        {
            get { return EventCase == EventOneofCase.Chunk ? (byte[])_event : Array.Empty<byte>(); }
            set
            {
                _event = value ?? Array.Empty<byte>();
                EventCase = EventOneofCase.Chunk;
            }
        }

        /// <summary>The last event.</summary>
        public Facts Facts
        {
            get { return EventCase == EventOneofCase.Facts ? (Facts)_event : null; }
            set
            {
                _event = value;
                EventCase = value == null ? EventOneofCase.None : EventOneofCase.Facts;
            }
        }

        /// <summary>Which of Progress, Artifact, Chunk, Facts is set.</summary>
        public EventOneofCase EventCase { get; private set; }

        private object _event;

        /// <summary>The values of <see cref="EventCase"/>.</summary>
        public enum EventOneofCase
        {
            None = 0,
            Progress = 1,
            Artifact = 2,
            Chunk = 3,
            Facts = 4,
        }

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static SkyEvent Parse(byte[] data)
        {
            return ProtoReader.Parse<SkyEvent>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (EventCase == EventOneofCase.Progress)
            {
                output.WriteTag(10);
                output.WriteMessage(Progress);
            }
            if (EventCase == EventOneofCase.Artifact)
            {
                output.WriteTag(18);
                output.WriteMessage(Artifact);
            }
            if (EventCase == EventOneofCase.Chunk)
            {
                output.WriteTag(26);
                output.WriteBytes(Chunk);
            }
            if (EventCase == EventOneofCase.Facts)
            {
                output.WriteTag(34);
                output.WriteMessage(Facts);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        Progress = input.ReadMessage(Progress ?? new Progress());
                        break;
                    case 18:
                        Artifact = input.ReadMessage(Artifact ?? new Artifact());
                        break;
                    case 26:
                        Chunk = input.ReadBytes();
                        break;
                    case 34:
                        Facts = input.ReadMessage(Facts ?? new Facts());
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    public sealed class Progress : IMessage
    {
        /// <summary>
        /// What begins now: "queue", then "model", "panorama", "upscale", "sphere", "encode". Show it;
        /// do not rely on the set.
        /// </summary>
        public string Stage
        {
            get { return _stage; }
            set { _stage = value ?? ""; }
        }

        private string _stage = "";

        /// <summary>How much of all the work is done, 0 to 1.</summary>
        public double Fraction { get; set; }

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static Progress Parse(byte[] data)
        {
            return ProtoReader.Parse<Progress>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (Stage.Length != 0)
            {
                output.WriteTag(10);
                output.WriteString(Stage);
            }
            if (BitConverter.DoubleToInt64Bits(Fraction) != 0)
            {
                output.WriteTag(17);
                output.WriteDouble(Fraction);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        Stage = input.ReadString();
                        break;
                    case 17:
                        Fraction = input.ReadDouble();
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    /// <summary>One file.</summary>
    public sealed class Artifact : IMessage
    {
        /// <summary>A file name that is unique within the answer, as in "panorama.png" or "px.png".</summary>
        public string Name
        {
            get { return _name; }
            set { _name = value ?? ""; }
        }

        private string _name = "";

        /// <summary>As in "image/png".</summary>
        public string MediaType
        {
            get { return _mediaType; }
            set { _mediaType = value ?? ""; }
        }

        private string _mediaType = "";

        /// <summary>Bytes that follow.</summary>
        public ulong Size { get; set; }

        public uint Width { get; set; }

        public uint Height { get; set; }

        /// <summary>Of the bytes, 32 of them.</summary>
        public byte[] Sha256
        {
            get { return _sha256; }
            set { _sha256 = value ?? Array.Empty<byte>(); }
        }

        private byte[] _sha256 = Array.Empty<byte>();

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static Artifact Parse(byte[] data)
        {
            return ProtoReader.Parse<Artifact>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (Name.Length != 0)
            {
                output.WriteTag(10);
                output.WriteString(Name);
            }
            if (MediaType.Length != 0)
            {
                output.WriteTag(18);
                output.WriteString(MediaType);
            }
            if (Size != 0)
            {
                output.WriteTag(24);
                output.WriteUInt64(Size);
            }
            if (Width != 0)
            {
                output.WriteTag(32);
                output.WriteUInt32(Width);
            }
            if (Height != 0)
            {
                output.WriteTag(40);
                output.WriteUInt32(Height);
            }
            if (Sha256.Length != 0)
            {
                output.WriteTag(50);
                output.WriteBytes(Sha256);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        Name = input.ReadString();
                        break;
                    case 18:
                        MediaType = input.ReadString();
                        break;
                    case 24:
                        Size = input.ReadUInt64();
                        break;
                    case 32:
                        Width = input.ReadUInt32();
                        break;
                    case 40:
                        Height = input.ReadUInt32();
                        break;
                    case 50:
                        Sha256 = input.ReadBytes();
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    public sealed class Facts : IMessage
    {
        /// <summary>
        /// The request with every default written out and the model by its digest: sent again, it gives
        /// the same bytes. Not set after Convert.
        /// </summary>
        public GenerateRequest Request { get; set; }

        public List<StageTime> Stages { get; } = new List<StageTime>();

        /// <summary>Where the light of the sky seems to come from. Since revision 2.</summary>
        public Sun Sun { get; set; }

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static Facts Parse(byte[] data)
        {
            return ProtoReader.Parse<Facts>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (Request != null)
            {
                output.WriteTag(10);
                output.WriteMessage(Request);
            }
            foreach (StageTime item in Stages)
            {
                output.WriteTag(18);
                output.WriteMessage(item);
            }
            if (Sun != null)
            {
                output.WriteTag(26);
                output.WriteMessage(Sun);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        Request = input.ReadMessage(Request ?? new GenerateRequest());
                        break;
                    case 18:
                        Stages.Add(input.ReadMessage(new StageTime()));
                        break;
                    case 26:
                        Sun = input.ReadMessage(Sun ?? new Sun());
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    /// <summary>The brightest direction of the upper half of the sky.</summary>
    public sealed class Sun : IMessage
    {
        /// <summary>
        /// Towards it: a unit vector in Unity's axes (+x right, +y up, +z forward, left-handed), whatever
        /// orientation the outputs have.
        /// </summary>
        public float X { get; set; }

        public float Y { get; set; }

        public float Z { get; set; }

        /// <summary>0 (a sky without any brightest place) to 1 (a sun in the open).</summary>
        public float Confidence { get; set; }

        /// <summary>Colour of its light in linear sRGB, the largest of the three 1.</summary>
        public float Red { get; set; }

        public float Green { get; set; }

        public float Blue { get; set; }

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static Sun Parse(byte[] data)
        {
            return ProtoReader.Parse<Sun>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (BitConverter.DoubleToInt64Bits(X) != 0)
            {
                output.WriteTag(13);
                output.WriteFloat(X);
            }
            if (BitConverter.DoubleToInt64Bits(Y) != 0)
            {
                output.WriteTag(21);
                output.WriteFloat(Y);
            }
            if (BitConverter.DoubleToInt64Bits(Z) != 0)
            {
                output.WriteTag(29);
                output.WriteFloat(Z);
            }
            if (BitConverter.DoubleToInt64Bits(Confidence) != 0)
            {
                output.WriteTag(37);
                output.WriteFloat(Confidence);
            }
            if (BitConverter.DoubleToInt64Bits(Red) != 0)
            {
                output.WriteTag(45);
                output.WriteFloat(Red);
            }
            if (BitConverter.DoubleToInt64Bits(Green) != 0)
            {
                output.WriteTag(53);
                output.WriteFloat(Green);
            }
            if (BitConverter.DoubleToInt64Bits(Blue) != 0)
            {
                output.WriteTag(61);
                output.WriteFloat(Blue);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 13:
                        X = input.ReadFloat();
                        break;
                    case 21:
                        Y = input.ReadFloat();
                        break;
                    case 29:
                        Z = input.ReadFloat();
                        break;
                    case 37:
                        Confidence = input.ReadFloat();
                        break;
                    case 45:
                        Red = input.ReadFloat();
                        break;
                    case 53:
                        Green = input.ReadFloat();
                        break;
                    case 61:
                        Blue = input.ReadFloat();
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    public sealed class StageTime : IMessage
    {
        public string Stage
        {
            get { return _stage; }
            set { _stage = value ?? ""; }
        }

        private string _stage = "";

        public double Seconds { get; set; }

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static StageTime Parse(byte[] data)
        {
            return ProtoReader.Parse<StageTime>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (Stage.Length != 0)
            {
                output.WriteTag(10);
                output.WriteString(Stage);
            }
            if (BitConverter.DoubleToInt64Bits(Seconds) != 0)
            {
                output.WriteTag(17);
                output.WriteDouble(Seconds);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        Stage = input.ReadString();
                        break;
                    case 17:
                        Seconds = input.ReadDouble();
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    public sealed class ThumbnailsRequest : IMessage
    {
        /// <summary>Name or digest of a model. Default: the server's first.</summary>
        public string Model
        {
            get { return _model; }
            set { _model = value ?? ""; }
        }

        private string _model = "";

        /// <summary>Edge in pixels, 32 to 256. Default: 128.</summary>
        public uint Size { get; set; }

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static ThumbnailsRequest Parse(byte[] data)
        {
            return ProtoReader.Parse<ThumbnailsRequest>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (Model.Length != 0)
            {
                output.WriteTag(10);
                output.WriteString(Model);
            }
            if (Size != 0)
            {
                output.WriteTag(16);
                output.WriteUInt32(Size);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        Model = input.ReadString();
                        break;
                    case 16:
                        Size = input.ReadUInt32();
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    public sealed class Thumbnail : IMessage
    {
        /// <summary>Code of the cloud type, as in "Cu".</summary>
        public string Cloud
        {
            get { return _cloud; }
            set { _cloud = value ?? ""; }
        }

        private string _cloud = "";

        /// <summary>As in "image/png".</summary>
        public string MediaType
        {
            get { return _mediaType; }
            set { _mediaType = value ?? ""; }
        }

        private string _mediaType = "";

        /// <summary>The encoded picture, <c>size</c> by <c>size</c> pixels.</summary>
        public byte[] Image
        {
            get { return _image; }
            set { _image = value ?? Array.Empty<byte>(); }
        }

        private byte[] _image = Array.Empty<byte>();

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static Thumbnail Parse(byte[] data)
        {
            return ProtoReader.Parse<Thumbnail>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (Cloud.Length != 0)
            {
                output.WriteTag(10);
                output.WriteString(Cloud);
            }
            if (MediaType.Length != 0)
            {
                output.WriteTag(18);
                output.WriteString(MediaType);
            }
            if (Image.Length != 0)
            {
                output.WriteTag(26);
                output.WriteBytes(Image);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        Cloud = input.ReadString();
                        break;
                    case 18:
                        MediaType = input.ReadString();
                        break;
                    case 26:
                        Image = input.ReadBytes();
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    /// <summary>Wire format of google.rpc.Status.</summary>
    public sealed class Status : IMessage
    {
        /// <summary>The gRPC status code.</summary>
        public int Code { get; set; }

        /// <summary>The status message.</summary>
        public string Message
        {
            get { return _message; }
            set { _message = value ?? ""; }
        }

        private string _message = "";

        /// <summary>
        /// One ErrorInfo always, then one RetryInfo when the queue is full or the caller over its limit, then
        /// one RequestInfo of a call that reached the server.
        /// </summary>
        public List<Any> Details { get; } = new List<Any>();

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static Status Parse(byte[] data)
        {
            return ProtoReader.Parse<Status>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (Code != 0)
            {
                output.WriteTag(8);
                output.WriteInt32(Code);
            }
            if (Message.Length != 0)
            {
                output.WriteTag(18);
                output.WriteString(Message);
            }
            foreach (Any item in Details)
            {
                output.WriteTag(26);
                output.WriteMessage(item);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 8:
                        Code = input.ReadInt32();
                        break;
                    case 18:
                        Message = input.ReadString();
                        break;
                    case 26:
                        Details.Add(input.ReadMessage(new Any()));
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    /// <summary>Wire format of google.rpc.ErrorInfo; type URL type.googleapis.com/google.rpc.ErrorInfo.</summary>
    public sealed class ErrorInfo : IMessage
    {
        /// <summary>
        /// INVALID_FIELD, UNREADABLE_IMAGE, NOT_FOUND, BUSY, OVER_LIMIT, DEADLINE_EXCEEDED, CANCELLED,
        /// MODEL_ERROR, MISSING_EXTRA, OUTPUT_ERROR, UNAUTHENTICATED, PERMISSION_DENIED,
        /// SERVER_UNAVAILABLE, CANNOT_LISTEN or INTERNAL.
        /// </summary>
        public string Reason
        {
            get { return _reason; }
            set { _reason = value ?? ""; }
        }

        private string _reason = "";

        /// <summary>"skyserver".</summary>
        public string Domain
        {
            get { return _domain; }
            set { _domain = value ?? ""; }
        }

        private string _domain = "";

        /// <summary>Where they apply: <c>field</c> (its path, as in "outputs[0].size"), <c>given</c>, <c>allowed</c>, <c>known</c>.</summary>
        public Dictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static ErrorInfo Parse(byte[] data)
        {
            return ProtoReader.Parse<ErrorInfo>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (Reason.Length != 0)
            {
                output.WriteTag(10);
                output.WriteString(Reason);
            }
            if (Domain.Length != 0)
            {
                output.WriteTag(18);
                output.WriteString(Domain);
            }
            foreach (KeyValuePair<string, string> pair in ProtoWriter.InKeyOrder(Metadata))
            {
                output.WriteTag(26);
                output.WriteMessage(new MetadataEntry { Key = pair.Key, Value = pair.Value });
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        Reason = input.ReadString();
                        break;
                    case 18:
                        Domain = input.ReadString();
                        break;
                    case 26:
                        input.ReadMessage(new MetadataEntry()).AddTo(Metadata);
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }

        private sealed class MetadataEntry : IMessage
        {
            public string Key
            {
                get { return _key; }
                set { _key = value ?? ""; }
            }

            private string _key = "";

            public string Value
            {
                get { return _value; }
                set { _value = value ?? ""; }
            }

            private string _value = "";

            public void AddTo(Dictionary<string, string> map)
            {
                map[Key] = Value;
            }

            /// <inheritdoc/>
            public void WriteTo(ProtoWriter output)
            {
                output.WriteTag(10);
                output.WriteString(Key);
                output.WriteTag(18);
                output.WriteString(Value);
            }

            /// <inheritdoc/>
            public void MergeFrom(ProtoReader input)
            {
                uint tag;
                while ((tag = input.ReadTag()) != 0)
                {
                    switch (tag)
                    {
                        case 10:
                            Key = input.ReadString();
                            break;
                        case 18:
                            Value = input.ReadString();
                            break;
                        default:
                            input.SkipField(tag);
                            break;
                    }
                }
            }
        }
    }

    /// <summary>Wire format of google.rpc.RetryInfo; type URL type.googleapis.com/google.rpc.RetryInfo.</summary>
    public sealed class RetryInfo : IMessage
    {
        /// <summary>Ask again after this long.</summary>
        public Duration RetryDelay { get; set; }

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static RetryInfo Parse(byte[] data)
        {
            return ProtoReader.Parse<RetryInfo>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (RetryDelay != null)
            {
                output.WriteTag(10);
                output.WriteMessage(RetryDelay);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        RetryDelay = input.ReadMessage(RetryDelay ?? new Duration());
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    /// <summary>Wire format of google.rpc.RequestInfo; type URL type.googleapis.com/google.rpc.RequestInfo.</summary>
    public sealed class RequestInfo : IMessage
    {
        /// <summary>The call's <c>x-request-id</c>, under which the server's log has it.</summary>
        public string RequestId
        {
            get { return _requestId; }
            set { _requestId = value ?? ""; }
        }

        private string _requestId = "";

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static RequestInfo Parse(byte[] data)
        {
            return ProtoReader.Parse<RequestInfo>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (RequestId.Length != 0)
            {
                output.WriteTag(10);
                output.WriteString(RequestId);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        RequestId = input.ReadString();
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    /// <summary>Wire format of google.protobuf.Duration.</summary>
    public sealed class Duration : IMessage
    {
        public long Seconds { get; set; }

        public int Nanos { get; set; }

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static Duration Parse(byte[] data)
        {
            return ProtoReader.Parse<Duration>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (Seconds != 0)
            {
                output.WriteTag(8);
                output.WriteInt64(Seconds);
            }
            if (Nanos != 0)
            {
                output.WriteTag(16);
                output.WriteInt32(Nanos);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 8:
                        Seconds = input.ReadInt64();
                        break;
                    case 16:
                        Nanos = input.ReadInt32();
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }

    /// <summary>Wire format of google.protobuf.Any.</summary>
    public sealed class Any : IMessage
    {
        public string TypeUrl
        {
            get { return _typeUrl; }
            set { _typeUrl = value ?? ""; }
        }

        private string _typeUrl = "";

        public byte[] Value
        {
            get { return _value; }
            set { _value = value ?? Array.Empty<byte>(); }
        }

        private byte[] _value = Array.Empty<byte>();

        /// <summary>The message that these bytes, all of them, encode.</summary>
        /// <exception cref="InvalidProtobufException">They do not.</exception>
        public static Any Parse(byte[] data)
        {
            return ProtoReader.Parse<Any>(data);
        }

        /// <summary>The message as bytes; the same message gives the same bytes.</summary>
        public byte[] ToByteArray()
        {
            return ProtoWriter.ToByteArray(this);
        }

        /// <inheritdoc/>
        public void WriteTo(ProtoWriter output)
        {
            if (TypeUrl.Length != 0)
            {
                output.WriteTag(10);
                output.WriteString(TypeUrl);
            }
            if (Value.Length != 0)
            {
                output.WriteTag(18);
                output.WriteBytes(Value);
            }
        }

        /// <inheritdoc/>
        public void MergeFrom(ProtoReader input)
        {
            uint tag;
            while ((tag = input.ReadTag()) != 0)
            {
                switch (tag)
                {
                    case 10:
                        TypeUrl = input.ReadString();
                        break;
                    case 18:
                        Value = input.ReadBytes();
                        break;
                    default:
                        input.SkipField(tag);
                        break;
                }
            }
        }
    }
}
