using System.Collections.Generic;
using System.Linq;
using SkyServer.V1;
using UnityEngine;

namespace SkyServer.Editor.Tests
{
    /// <summary>Answers of a server that never was: small pictures of one colour.</summary>
    internal static class TestSky
    {
        /// <summary>Where tests make skies; each deletes it.</summary>
        public const string Folder = "Assets/SkyServer Tests";

        /// <summary>A recipe of small textures.</summary>
        public static SkyRecipe Recipe(SkyboxLayout layout)
        {
            return new SkyRecipe { Cloud = "Cu", Seed = "42", Layout = layout, Size = 32 };
        }

        /// <summary>What a server answers to a recipe.</summary>
        public static SkyResult Result(SkyRecipe recipe)
        {
            switch (recipe.Layout)
            {
                case SkyboxLayout.Panoramic: return Result(Pictures(1, recipe.Size, recipe.Size / 2));
                case SkyboxLayout.SixSided: return Result(Pictures(6, recipe.Size, recipe.Size));
                default: return Result(Pictures(1, 4 * recipe.Size, 3 * recipe.Size));
            }
        }

        /// <summary>An answer of these files.</summary>
        public static SkyResult Result(params byte[][] files)
        {
            List<SkyFile> named = files
                .Select((data, index) => new SkyFile(new Artifact { Name = $"{index}.png" }, data))
                .ToList();
            return new SkyResult(named, new Facts());
        }

        /// <summary>PNG files.</summary>
        public static byte[][] Pictures(int count, int width, int height)
        {
            var texture = new Texture2D(width, height);
            byte[] data = texture.EncodeToPNG();
            Object.DestroyImmediate(texture);
            return Enumerable.Repeat(data, count).ToArray();
        }
    }
}
