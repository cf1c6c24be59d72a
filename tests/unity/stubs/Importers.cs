// Stubs of UnityEditor: importers. They keep their settings, and import what those say.
using System;
using UnityEngine;
using Object = UnityEngine.Object;

namespace UnityEditor
{
    public enum TextureImporterType
    {
        Default = 0,
        NormalMap = 1,
        Sprite = 8,
    }

    public enum TextureImporterShape
    {
        Texture2D = 1,
        TextureCube = 2,
    }

    public enum TextureImporterGenerateCubemap
    {
        None = 0,
        Spheremap = 1,
        Cylindrical = 2,
        FullCubemap = 5,
        AutoCubemap = 6,
    }

    public enum TextureImporterCubemapConvolution
    {
        None = 0,
        Specular = 1,
        Diffuse = 2,
    }

    public enum TextureImporterNPOTScale
    {
        None = 0,
        ToNearest = 1,
        ToLarger = 2,
        ToSmaller = 3,
    }

    public enum TextureImporterCompression
    {
        Uncompressed = 0,
        Compressed = 1,
        CompressedHQ = 2,
        CompressedLQ = 3,
    }

    public enum TextureImporterAlphaSource
    {
        None = 0,
        FromInput = 1,
        FromGrayScale = 2,
    }

    public partial class AssetImporter : Object
    {
        public string assetPath { get; internal set; }

        public string userData { get; set; } = "";

        public static AssetImporter GetAtPath(string path)
        {
            return AssetDatabase.ImporterAt(path);
        }

        public void SaveAndReimport()
        {
            AssetDatabase.ImportAsset(assetPath);
        }
    }

    /// <summary>With the defaults of a new texture, so that what is not set is seen.</summary>
    public sealed class TextureImporterSettings
    {
        public TextureImporterType textureType { get; set; }

        public TextureImporterShape textureShape { get; set; } = TextureImporterShape.Texture2D;

        public TextureImporterGenerateCubemap generateCubemap { get; set; } =
            TextureImporterGenerateCubemap.AutoCubemap;

        public TextureImporterCubemapConvolution cubemapConvolution { get; set; }

        public bool seamlessCubemap { get; set; }

        public TextureImporterNPOTScale npotScale { get; set; } = TextureImporterNPOTScale.ToNearest;

        public bool mipmapEnabled { get; set; } = true;

        public bool sRGBTexture { get; set; } = true;

        public bool readable { get; set; }

        public TextureImporterAlphaSource alphaSource { get; set; } = TextureImporterAlphaSource.FromInput;

        public FilterMode filterMode { get; set; } = FilterMode.Bilinear;

        public TextureWrapMode wrapModeU { get; set; }

        public TextureWrapMode wrapModeV { get; set; }

        internal TextureImporterSettings Copy()
        {
            return (TextureImporterSettings)MemberwiseClone();
        }
    }

    public sealed class TextureImporter : AssetImporter
    {
        private TextureImporterSettings settings = new TextureImporterSettings();

        public TextureImporterType textureType
        {
            get { return settings.textureType; }
            set { settings.textureType = value; }
        }

        public TextureImporterShape textureShape
        {
            get { return settings.textureShape; }
            set { settings.textureShape = value; }
        }

        public TextureImporterGenerateCubemap generateCubemap
        {
            get { return settings.generateCubemap; }
            set { settings.generateCubemap = value; }
        }

        public TextureImporterNPOTScale npotScale
        {
            get { return settings.npotScale; }
            set { settings.npotScale = value; }
        }

        public bool mipmapEnabled
        {
            get { return settings.mipmapEnabled; }
            set { settings.mipmapEnabled = value; }
        }

        public bool sRGBTexture
        {
            get { return settings.sRGBTexture; }
            set { settings.sRGBTexture = value; }
        }

        public bool isReadable
        {
            get { return settings.readable; }
            set { settings.readable = value; }
        }

        public TextureImporterAlphaSource alphaSource
        {
            get { return settings.alphaSource; }
            set { settings.alphaSource = value; }
        }

        public FilterMode filterMode
        {
            get { return settings.filterMode; }
            set { settings.filterMode = value; }
        }

        public TextureWrapMode wrapModeU
        {
            get { return settings.wrapModeU; }
            set { settings.wrapModeU = value; }
        }

        public TextureWrapMode wrapModeV
        {
            get { return settings.wrapModeV; }
            set { settings.wrapModeV = value; }
        }

        public int maxTextureSize { get; set; } = 2048;

        public TextureImporterCompression textureCompression { get; set; } = TextureImporterCompression.Compressed;

        public void ReadTextureSettings(TextureImporterSettings dest)
        {
            foreach (var property in typeof(TextureImporterSettings).GetProperties())
                property.SetValue(dest, property.GetValue(settings));
        }

        public void SetTextureSettings(TextureImporterSettings src)
        {
            settings = src.Copy();
        }

        /// <summary>The texture, or null where Unity only logs that it cannot make one.</summary>
        internal Texture Import(byte[] data)
        {
            int width, height;
            Color32[] pixels;
            if (!Png.TryMeasure(data, out width, out height) || !Png.TryDecode(data, out width, out height, out pixels))
                return null;
            if (textureShape == TextureImporterShape.TextureCube)
                return ImportCube(width, height);
            double shrink = Math.Min(1, (double)maxTextureSize / Math.Max(width, height));
            return Finish(new Texture2D((int)(width * shrink), (int)(height * shrink)) { isReadable = isReadable });
        }

        // Each face is as large as a cell of a strip or cross, or a quarter of a panorama's width.
        private Texture ImportCube(int width, int height)
        {
            bool projected = generateCubemap == TextureImporterGenerateCubemap.Cylindrical;
            bool cross = 3 * width == 4 * height, strip = width == 6 * height;
            if (projected ? width != 2 * height : !cross && !strip)
                return null;
            int edge = Math.Min(maxTextureSize, projected || cross ? width / 4 : height);
            return Finish(new Cubemap(edge, TextureFormat.BC7, mipmapEnabled));
        }

        private Texture Finish(Texture texture)
        {
            texture.wrapModeU = wrapModeU;
            texture.wrapModeV = wrapModeV;
            texture.filterMode = filterMode;
            texture.mipmapCount = mipmapEnabled ? 1 + (int)Math.Log(Math.Max(texture.width, texture.height), 2) : 1;
            return texture;
        }
    }
}
