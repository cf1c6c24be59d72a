using System;
using System.Collections.Generic;
using System.IO;

namespace SkyServer.Editor
{
    /// <summary>Whether the files that came are those that a layout needs.</summary>
    /// <remarks>Nothing here, or after it, uses the names that the server gave them: six faces come
    /// in the order +X -X +Y -Y +Z -Z, and the package names its files itself.</remarks>
    internal static class SkyFiles
    {
        private static readonly byte[] PngStart = // its signature, then the header's length and name
        {
            0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52,
        };

        /// <exception cref="InvalidDataException">They are not what a recipe asks for.</exception>
        public static void Check(IList<SkyFile> files, SkyRecipe recipe)
        {
            int wanted = recipe.Layout == SkyboxLayout.SixSided ? 6 : 1;
            if (files.Count != wanted)
            {
                throw Refused($"{files.Count} files instead of {wanted}");
            }
            int width = recipe.Size, height = recipe.Size;
            if (recipe.Layout == SkyboxLayout.Panoramic)
            {
                height = recipe.Size / 2;
            }
            else if (recipe.Layout == SkyboxLayout.Cubemap)
            {
                width = 4 * recipe.Size;
                height = 3 * recipe.Size;
            }
            foreach (SkyFile file in files)
            {
                if (!IsPng(file.Data, width, height))
                {
                    throw Refused($"something that is no PNG of {width} x {height}");
                }
            }
        }

        private static bool IsPng(byte[] data, int width, int height)
        {
            if (data.Length < PngStart.Length + 8)
            {
                return false;
            }
            for (int index = 0; index < PngStart.Length; index++)
            {
                if (data[index] != PngStart[index])
                {
                    return false;
                }
            }
            return BigEndian(data, PngStart.Length) == width
                && BigEndian(data, PngStart.Length + 4) == height;
        }

        private static int BigEndian(byte[] data, int start)
        {
            return data[start] << 24 | data[start + 1] << 16 | data[start + 2] << 8 | data[start + 3];
        }

        private static InvalidDataException Refused(string sent)
        {
            return new InvalidDataException(
                $"The server sent {sent}: check its address in the project settings, then try again.");
        }
    }
}
