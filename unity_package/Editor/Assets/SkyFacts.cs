using System.Collections.Generic;
using UnityEngine;

namespace SkyServer.Editor
{
    /// <summary>A recipe in words.</summary>
    public static class SkyFacts
    {
        /// <summary>One line for each fact.</summary>
        public static IEnumerable<string> Of(SkyRecipe recipe)
        {
            if (recipe.IsConverted)
            {
                yield return "Converted from a texture";
            }
            else
            {
                yield return $"Cloud type: {Clouds(recipe)}";
                yield return $"Seed: {recipe.Seed}";
                yield return $"Variation: {recipe.Psi:0.00}, pictures round the horizon: {recipe.Pictures}";
                yield return $"Model: {recipe.ModelName} {Short(recipe.ModelDigest)}";
            }
            yield return $"Below the horizon: {recipe.Below}";
            yield return $"Layout: {recipe.Layout}, {recipe.Size} pixels";
            yield return $"Sun: {Sun(recipe)}";
            yield return $"Server: {recipe.ServerVersion}";
        }

        private static string Clouds(SkyRecipe recipe)
        {
            return string.IsNullOrEmpty(recipe.MixWith)
                ? recipe.Cloud
                : $"{recipe.Cloud} with {recipe.MixShare:P0} {recipe.MixWith}";
        }

        private static string Sun(SkyRecipe recipe)
        {
            if (recipe.SunConfidence < SunAlignment.LeastConfidence)
            {
                return "none to be seen";
            }
            float height = 90f - Vector3.Angle(Vector3.up, recipe.SunDirection);
            return $"{height:0}° above the horizon, confidence {recipe.SunConfidence:0.00}";
        }

        // Enough to tell two models from each other.
        private static string Short(string digest)
        {
            return digest.Length > 8 ? digest.Substring(0, 8) : digest;
        }
    }
}
