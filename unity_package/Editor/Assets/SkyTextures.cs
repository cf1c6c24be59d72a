using System.Collections.Generic;
using System.IO;
using UnityEditor;
using UnityEngine;

namespace SkyServer.Editor
{
    /// <summary>The textures of a sky: their files, and the import settings of each layout.</summary>
    /// <remarks>
    /// An AssetPostprocessor would set them before the first import and save a second one, but its
    /// mere presence makes Unity import every texture of the user's project again.
    /// </remarks>
    internal static class SkyTextures
    {
        private const int LargestImport = 16384; // texels, the importer's own limit

        private static readonly string[] FaceNames = { "+X", "-X", "+Y", "-Y", "+Z", "-Z" };

        /// <summary>Writes and imports the files of a sky, and returns their textures in order.</summary>
        /// <param name="stem">Path of the files without their ending.</param>
        /// <exception cref="InvalidDataException">Unity cannot read a file.</exception>
        public static Texture[] Create(
            IList<SkyFile> files, SkyboxLayout layout, string stem, AssetTransaction transaction)
        {
            var paths = new List<string>();
            for (int index = 0; index < files.Count; index++)
            {
                paths.Add(stem + (files.Count == 1 ? "" : " " + FaceNames[index]) + ".png");
                transaction.WriteFile(paths[index], files[index].Data);
            }
            transaction.Import(() => paths.ForEach(path => AssetDatabase.ImportAsset(path)));
            transaction.Import(() => paths.ForEach(path => Configure(path, layout)));
            return paths.ConvertAll(Load).ToArray();
        }

        private static void Configure(string path, SkyboxLayout layout)
        {
            var importer = AssetImporter.GetAtPath(path) as TextureImporter;
            if (importer == null)
            {
                throw Unreadable(path);
            }
            Configure(importer, layout);
            importer.SaveAndReimport();
        }

        /// <summary>Sets what the layout needs; all the rest stays as the project has it.</summary>
        public static void Configure(TextureImporter importer, SkyboxLayout layout)
        {
            bool cube = layout == SkyboxLayout.Cubemap;

            var settings = new TextureImporterSettings();
            importer.ReadTextureSettings(settings);
            settings.seamlessCubemap = cube;
            settings.cubemapConvolution = TextureImporterCubemapConvolution.None;
            importer.SetTextureSettings(settings);

            importer.textureType = TextureImporterType.Default;
            importer.textureShape = cube
                ? TextureImporterShape.TextureCube
                : TextureImporterShape.Texture2D;
            importer.generateCubemap = cube
                ? TextureImporterGenerateCubemap.FullCubemap
                : TextureImporterGenerateCubemap.AutoCubemap;
            importer.sRGBTexture = true;
            importer.alphaSource = TextureImporterAlphaSource.None;
            importer.isReadable = false;
            importer.npotScale = TextureImporterNPOTScale.None;
            importer.maxTextureSize = LargestImport;
            importer.textureCompression = TextureImporterCompression.CompressedHQ;
            importer.filterMode = FilterMode.Bilinear;

            // A cubemap is looked up by direction, which changes smoothly everywhere, and reflections
            // want its mipmaps. The u of a panorama jumps from 1 to 0 behind the viewer: the graphics
            // card takes that for a texture seen from afar and draws a line of the smallest mipmap.
            // Mipmaps of the six faces would shrink each without regard to its neighbours.
            importer.mipmapEnabled = cube;

            // Round the horizon a panorama goes on at its other edge; beyond a pole or the edge of a
            // face the other edge is something else.
            importer.wrapModeU = layout == SkyboxLayout.Panoramic
                ? TextureWrapMode.Repeat
                : TextureWrapMode.Clamp;
            importer.wrapModeV = TextureWrapMode.Clamp;
        }

        private static Texture Load(string path)
        {
            var texture = AssetDatabase.LoadAssetAtPath<Texture>(path);
            if (texture == null)
            {
                throw Unreadable(path);
            }
            return texture;
        }

        private static InvalidDataException Unreadable(string path)
        {
            return new InvalidDataException(
                $"Unity cannot import {path}, which the server sent: try again.");
        }
    }
}
