using System.Collections.Generic;
using SkyServer.V1;

namespace SkyServer.Editor
{
    /// <summary>What a server made of one request, whole and checked.</summary>
    public sealed class SkyResult
    {
        internal SkyResult(IList<SkyFile> files, Facts facts)
        {
            Files = files;
            Facts = facts;
        }

        /// <summary>The files, in the order of the request's outputs; never empty.</summary>
        public IList<SkyFile> Files { get; private set; }

        /// <summary>How it was made: the request with its defaults written out, times, the sun.</summary>
        public Facts Facts { get; private set; }
    }

    /// <summary>One file that a server made. Its size and SHA-256 are those that were announced.</summary>
    public sealed class SkyFile
    {
        internal SkyFile(Artifact header, byte[] data)
        {
            Name = header.Name;
            MediaType = header.MediaType;
            Width = (int)header.Width;
            Height = (int)header.Height;
            Data = data;
        }

        /// <summary>
        /// A name that is unique within the result and safe on every system: letters, digits,
        /// <c>. _ -</c>, not beginning with one of these three.
        /// </summary>
        public string Name { get; private set; }

        /// <summary>As in <c>image/png</c>.</summary>
        public string MediaType { get; private set; }

        /// <summary>In pixels.</summary>
        public int Width { get; private set; }

        /// <summary>In pixels.</summary>
        public int Height { get; private set; }

        /// <summary>The encoded picture.</summary>
        public byte[] Data { get; private set; }
    }
}
