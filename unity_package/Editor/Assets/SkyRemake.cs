using System;
using SkyServer.V1;
using UnityEditor;
using UnityEngine;

namespace SkyServer.Editor
{
    /// <summary>Makes a sky again from the recipe that it keeps, beside the first one.</summary>
    public static class SkyRemake
    {
        /// <summary>Starts it and returns at once. Main thread only.</summary>
        /// <param name="server">The server to ask.</param>
        /// <param name="job">Tells of it, errors included.</param>
        /// <param name="sky">The sky, which stays as it is.</param>
        public static void Start(ISkyServer server, SkyJob job, GeneratedSky sky)
        {
            SkyRecipe recipe = sky.Recipe.Clone();
            string folder = FolderBeside(sky);
            try
            {
                if (recipe.IsConverted)
                {
                    ConvertRequest request = SkyRequests.From(Source(recipe), recipe);
                    job.Start(
                        (progress, token) => server.ConvertAsync(request, progress, token),
                        result => Keep(result, recipe, folder));
                }
                else
                {
                    GenerateRequest request = SkyRequests.From(recipe);
                    job.Start(
                        (progress, token) => server.GenerateAsync(request, progress, token),
                        result => Keep(result, recipe, folder));
                }
            }
            catch (Exception error)
            {
                job.Fail(error);
            }
        }

        private static string Keep(SkyResult result, SkyRecipe recipe, string folder)
        {
            GeneratedSky sky = SkyAssets.Create(result, recipe, folder);
            EditorGUIUtility.PingObject(sky);
            return $"Made {AssetDatabase.GetAssetPath(sky)}.";
        }

        private static Texture2D Source(SkyRecipe recipe)
        {
            string path = AssetDatabase.GUIDToAssetPath(recipe.SourceGuid);
            var source = AssetDatabase.LoadAssetAtPath<Texture2D>(path);
            if (source == null)
            {
                throw new InvalidOperationException(
                    "The texture that this sky was converted from is gone: convert another one.");
            }
            return source;
        }

        private static string FolderBeside(GeneratedSky sky)
        {
            string home = AssetNames.ParentOf(AssetDatabase.GetAssetPath(sky));
            return home == "Assets" ? home : AssetNames.ParentOf(home);
        }
    }
}
