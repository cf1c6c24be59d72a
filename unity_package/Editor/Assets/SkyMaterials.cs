using System;
using UnityEngine;

namespace SkyServer.Editor
{
    /// <summary>The material of a sky: Unity's own skybox shader of its layout, filled in.</summary>
    /// <remarks>
    /// The server draws in Unity's axes, and no texture is projected anew on its way in. So the
    /// three layouts face the same way as they are, and the rotation is the user's alone.
    /// </remarks>
    internal static class SkyMaterials
    {
        private static readonly string[] Shaders = { "Skybox/Panoramic", "Skybox/6 Sided", "Skybox/Cubemap" };

        // +X -X +Y -Y +Z -Z. Unity's left is the player's right, +X: it names the sides of the box.
        private static readonly string[] Faces =
        {
            "_LeftTex", "_RightTex", "_UpTex", "_DownTex", "_FrontTex", "_BackTex",
        };

        /// <summary>A material that is not yet an asset.</summary>
        /// <param name="recipe">Its layout, tint, exposure and rotation.</param>
        /// <param name="textures">As in <see cref="GeneratedSky.Textures"/>.</param>
        /// <exception cref="InvalidOperationException">The shader is not there.</exception>
        public static Material Create(SkyRecipe recipe, Texture[] textures)
        {
            string name = Shaders[(int)recipe.Layout];
            Shader shader = Shader.Find(name);
            if (shader == null)
            {
                throw new InvalidOperationException(
                    $"Unity's shader {name} is missing: repair this installation of the editor.");
            }
            var material = new Material(shader);
            SetTextures(material, recipe.Layout, textures);
            material.SetColor("_Tint", recipe.Tint);
            material.SetFloat("_Exposure", recipe.Exposure);
            material.SetFloat("_Rotation", Mathf.Repeat(recipe.Rotation, 360f));
            return material;
        }

        private static void SetTextures(Material material, SkyboxLayout layout, Texture[] textures)
        {
            if (layout == SkyboxLayout.SixSided)
            {
                for (int face = 0; face < Faces.Length; face++)
                {
                    material.SetTexture(Faces[face], textures[face]);
                }
            }
            else if (layout == SkyboxLayout.Cubemap)
            {
                material.SetTexture("_Tex", textures[0]);
            }
            else
            {
                material.SetTexture("_MainTex", textures[0]);
                material.SetFloat("_Mapping", 1f); // latitude and longitude; the keyword decides
                material.DisableKeyword("_MAPPING_6_FRAMES_LAYOUT");
                material.SetFloat("_ImageType", 0f); // the whole circle
                material.SetFloat("_MirrorOnBack", 0f);
                material.SetFloat("_Layout", 0f); // one eye
            }
        }
    }
}
