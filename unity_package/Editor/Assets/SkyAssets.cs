using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using UnityEditor;
using UnityEngine;
using Object = UnityEngine.Object;

namespace SkyServer.Editor
{
    /// <summary>Makes and deletes the assets of a sky. Main thread only.</summary>
    public static class SkyAssets
    {
        /// <summary>
        /// Makes a folder of its own for a sky, and in it textures, material and
        /// <see cref="GeneratedSky"/>: all or nothing, and nothing that exists is overwritten.
        /// </summary>
        /// <param name="result">What the server answered.</param>
        /// <param name="recipe">What was asked for; what the server says of it is added.</param>
        /// <param name="folder">Where, as in "Assets/Skies"; it is made if need be.</param>
        /// <param name="cancellation">Looked at between the steps; what was written is deleted.</param>
        /// <exception cref="ArgumentException">The folder is not in Assets.</exception>
        /// <exception cref="InvalidDataException">The files are not what was asked for.</exception>
        /// <exception cref="IOException">A file cannot be written.</exception>
        /// <exception cref="OperationCanceledException">It was cancelled.</exception>
        public static GeneratedSky Create(
            SkyResult result,
            SkyRecipe recipe,
            string folder,
            CancellationToken cancellation = default(CancellationToken))
        {
            SkyFiles.Check(result.Files, recipe);
            string name = AssetNames.Of(recipe, SourceName(recipe));
            using (var transaction = new AssetTransaction(cancellation))
            {
                string home = transaction.CreateFolder(AssetNames.Folder(folder), name);
                string stem = home + "/" + AssetNames.LastOf(home);
                Texture[] textures = SkyTextures.Create(
                    result.Files, recipe.Layout, stem, transaction);
                Material material = SkyMaterials.Create(recipe, textures);
                transaction.CreateAsset(material, stem + " Material.mat");

                var sky = ScriptableObject.CreateInstance<GeneratedSky>();
                sky.Recipe = SkyRequests.Complete(recipe, result.Facts);
                sky.Textures = textures;
                sky.Material = material;
                transaction.CreateAsset(sky, stem + ".asset");
                if (SceneSky.IsPipelineActive)
                {
                    SceneSky.Pipeline.CreateAssets(sky, transaction);
                }
                transaction.Keep();
                return sky;
            }
        }

        /// <summary>Deletes what <see cref="Create"/> made, and the folder if nothing else is in it.</summary>
        /// <remarks>Assets are found wherever the user moved them. There is no Undo for it, as for
        /// every deletion of files: ask first.</remarks>
        public static void Delete(GeneratedSky sky)
        {
            string home = Path.GetDirectoryName(AssetDatabase.GetAssetPath(sky)).Replace('\\', '/');
            var assets = new List<Object>(sky.Textures) { sky.Material, sky.VolumeProfile, sky };
            var paths = new HashSet<string>(assets.ConvertAll(AssetDatabase.GetAssetPath));
            paths.Remove(""); // of what is gone already
            foreach (string path in paths)
            {
                AssetDatabase.DeleteAsset(path);
            }
            if (home != "Assets" && Directory.GetFileSystemEntries(home).Length == 0)
            {
                AssetDatabase.DeleteAsset(home);
            }
        }

        /// <summary>Name of the texture that a sky was converted from, or null.</summary>
        private static string SourceName(SkyRecipe recipe)
        {
            return recipe.IsConverted
                ? Path.GetFileNameWithoutExtension(AssetDatabase.GUIDToAssetPath(recipe.SourceGuid))
                : null;
        }
    }
}
