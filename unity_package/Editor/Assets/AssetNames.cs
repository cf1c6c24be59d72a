using System;
using System.IO;
using System.Text;

namespace SkyServer.Editor
{
    /// <summary>Names of folders and files below Assets.</summary>
    public static class AssetNames
    {
        private const int LongestName = 60; // characters, so that the whole path stays inside Windows' 260

        /// <summary>What the assets of a sky are called, as in "Sky Cu-Ci 42".</summary>
        /// <param name="recipe">What the sky is made from.</param>
        /// <param name="source">Name of the texture that it was converted from, or null.</param>
        public static string Of(SkyRecipe recipe, string source)
        {
            if (recipe.IsConverted)
            {
                return Safe("Sky " + source);
            }
            string clouds = string.IsNullOrEmpty(recipe.MixWith)
                ? recipe.Cloud
                : recipe.Cloud + "-" + recipe.MixWith;
            return Safe($"Sky {clouds} {recipe.Seed}");
        }

        /// <summary>A folder as AssetDatabase writes it: "Assets/Skies" for "Assets\Skies/".</summary>
        /// <exception cref="ArgumentException">It is not Assets or a folder below it.</exception>
        public static string Folder(string folder)
        {
            string[] parts = (folder ?? "").Trim().Replace('\\', '/').TrimEnd('/').Split('/');
            if (parts[0] != "Assets" || Array.Exists(parts, IsNoFolderName))
            {
                throw new ArgumentException(
                    $"\"{folder}\" is no folder for skies: choose one in Assets, as Assets/Skies.");
            }
            return string.Join("/", parts);
        }

        /// <summary>"Assets" of "Assets/Skies".</summary>
        public static string ParentOf(string path)
        {
            return path.Substring(0, path.LastIndexOf('/'));
        }

        /// <summary>"Skies" of "Assets/Skies".</summary>
        public static string LastOf(string path)
        {
            return path.Substring(path.LastIndexOf('/') + 1);
        }

        private static bool IsNoFolderName(string name)
        {
            return name.Trim(' ', '.') != name || name.Length == 0
                || name.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0;
        }

        /// <remarks>Names of cloud types come from a server, which may be anybody's.</remarks>
        private static string Safe(string name)
        {
            var safe = new StringBuilder(name);
            for (int index = 0; index < safe.Length; index++)
            {
                bool allowed = char.IsLetterOrDigit(safe[index]) || " -_".IndexOf(safe[index]) >= 0;
                safe[index] = allowed ? safe[index] : '_';
            }
            return safe.ToString(0, Math.Min(safe.Length, LongestName)).TrimEnd();
        }
    }
}
