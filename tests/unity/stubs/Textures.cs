// Stubs of UnityEngine: textures, shaders and materials. They keep what is set.
using System;
using System.Collections.Generic;
using System.Linq;

namespace UnityEngine
{
    public enum TextureWrapMode
    {
        Repeat = 0,
        Clamp = 1,
        Mirror = 2,
        MirrorOnce = 3,
    }

    public enum FilterMode
    {
        Point = 0,
        Bilinear = 1,
        Trilinear = 2,
    }

    public enum TextureFormat
    {
        RGB24 = 3,
        RGBA32 = 4,
        BC7 = 25,
    }

    public partial class Texture : Object
    {
        public virtual int width { get; set; }

        public virtual int height { get; set; }

        public TextureWrapMode wrapMode { get; set; }

        public TextureWrapMode wrapModeU { get; set; }

        public TextureWrapMode wrapModeV { get; set; }

        public FilterMode filterMode { get; set; }

        public int mipmapCount { get; internal set; }
    }

    public partial class Texture2D : Texture
    {
        private Color32[] pixels;

        public Texture2D(int width, int height)
            : this(width, height, TextureFormat.RGBA32, true)
        {
        }

        public Texture2D(int width, int height, TextureFormat textureFormat, bool mipChain)
            : this(width, height, textureFormat, mipChain, false)
        {
        }

        public Texture2D(int width, int height, TextureFormat textureFormat, bool mipChain, bool linear)
        {
            this.width = width;
            this.height = height;
            format = textureFormat;
            isReadable = true;
        }

        public TextureFormat format { get; internal set; }

        public bool isReadable { get; internal set; }

        /// <summary>Rows from the bottom to the top.</summary>
        public void SetPixels32(Color32[] colors)
        {
            Readable();
            if (colors.Length != width * height)
                throw new ArgumentException("SetPixels32 called with invalid number of pixels");
            pixels = (Color32[])colors.Clone();
        }

        public Color32[] GetPixels32()
        {
            Readable();
            return (Color32[])(pixels ?? new Color32[width * height]).Clone();
        }

        public void Apply()
        {
            Apply(true, false);
        }

        public void Apply(bool updateMipmaps, bool makeNoLongerReadable)
        {
            isReadable &= !makeNoLongerReadable;
        }

        private void Readable()
        {
            if (!isReadable)
                throw new UnityException("Texture '" + name + "' is not readable");
        }
    }

    public partial class Cubemap : Texture
    {
        public Cubemap(int width, TextureFormat textureFormat, bool mipChain)
        {
            this.width = width;
            height = width;
        }
    }

    /// <summary>8-bit PNG; JPEG as grey.</summary>
    public static class ImageConversion
    {
        public static byte[] EncodeToPNG(this Texture2D tex)
        {
            return Png.Encode(tex.width, tex.height, tex.GetPixels32());
        }

        public static bool LoadImage(this Texture2D tex, byte[] data)
        {
            return LoadImage(tex, data, false);
        }

        public static bool LoadImage(this Texture2D tex, byte[] data, bool markNonReadable)
        {
            int width, height;
            Color32[] pixels;
            if (!Png.TryDecode(data, out width, out height, out pixels))
            {
                if (!Jpeg.TryMeasure(data, out width, out height))
                    return false;
                pixels = new Color32[width * height];
                for (int i = 0; i < pixels.Length; i++)
                    pixels[i] = new Color32(128, 128, 128, 255);
            }
            tex.width = width;
            tex.height = height;
            tex.SetPixels32(pixels);
            tex.Apply(true, markNonReadable);
            return true;
        }
    }

    public class UnityException : SystemException
    {
        public UnityException(string message)
            : base(message)
        {
        }
    }

    public sealed partial class Shader : Object
    {
        /// <summary>What a test may take away, and a package's own shaders add.</summary>
        public static readonly Dictionary<string, string[]> Known = new Dictionary<string, string[]>
        {
            { "Skybox/Panoramic", Common("_MainTex _Mapping _ImageType _MirrorOnBack _Layout") },
            { "Skybox/6 Sided", Common("_FrontTex _BackTex _LeftTex _RightTex _UpTex _DownTex") },
            { "Skybox/Cubemap", Common("_Tex") },
        };

        private static string[] Common(string others)
        {
            return ("_Tint _Exposure _Rotation " + others).Split();
        }

        public static Shader Find(string name)
        {
            return Known.ContainsKey(name) ? new Shader { name = name } : null;
        }
    }

    public partial class Material : Object
    {
        public readonly SortedDictionary<string, float> Floats = new SortedDictionary<string, float>();
        public readonly SortedDictionary<string, Color> Colors = new SortedDictionary<string, Color>();
        public readonly SortedDictionary<string, Texture> Textures = new SortedDictionary<string, Texture>();
        private readonly SortedSet<string> keywords = new SortedSet<string>();

        public Material(Shader shader)
        {
            this.shader = shader;
            if (HasProperty("_Mapping"))
                Floats["_Mapping"] = 1; // the shader's own default
        }

        public Material(Material source)
            : this(source.shader)
        {
            foreach (var value in source.Floats)
                Floats[value.Key] = value.Value;
            foreach (var value in source.Colors)
                Colors[value.Key] = value.Value;
            foreach (var value in source.Textures)
                Textures[value.Key] = value.Value;
            keywords.UnionWith(source.keywords);
        }

        public Shader shader { get; set; }

        public string[] shaderKeywords
        {
            get { return keywords.ToArray(); }
        }

        public bool HasProperty(string name)
        {
            return Shader.Known[shader.name].Contains(name);
        }

        public void SetTexture(string name, Texture value)
        {
            Textures[Checked(name)] = value;
        }

        public Texture GetTexture(string name)
        {
            Texture value;
            return Textures.TryGetValue(Checked(name), out value) ? value : null;
        }

        public void SetFloat(string name, float value)
        {
            Floats[Checked(name)] = value;
        }

        public float GetFloat(string name)
        {
            float value;
            return Floats.TryGetValue(Checked(name), out value) ? value : 0;
        }

        public void SetColor(string name, Color value)
        {
            Colors[Checked(name)] = value;
        }

        public Color GetColor(string name)
        {
            Color value;
            return Colors.TryGetValue(Checked(name), out value) ? value : new Color(0, 0, 0, 0);
        }

        public void EnableKeyword(string keyword)
        {
            keywords.Add(keyword);
        }

        public void DisableKeyword(string keyword)
        {
            keywords.Remove(keyword);
        }

        public bool IsKeywordEnabled(string keyword)
        {
            return keywords.Contains(keyword);
        }

        // Unity only logs an error, which no test would see.
        private string Checked(string name)
        {
            if (!HasProperty(name))
                throw new ArgumentException(shader.name + " has no property " + name);
            return name;
        }
    }
}
