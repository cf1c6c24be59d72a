using System;
using UnityEngine;
using Object = UnityEngine.Object;

namespace SkyServer
{
    /// <summary>
    /// A skybox material that shows two other skyboxes, mixed. Each of the two may be Panoramic
    /// (latitude-longitude, 360 degrees), 6 Sided or Cubemap.
    /// </summary>
    internal sealed class SkyboxMix : IDisposable
    {
        private static readonly int Blend = Shader.PropertyToID("_Blend");
        private static readonly int Mapping = Shader.PropertyToID("_Mapping");
        private static readonly int ImageType = Shader.PropertyToID("_ImageType");
        private static readonly int StereoLayout = Shader.PropertyToID("_Layout");
        private static readonly Properties Sky = new Properties(
            "_Tint", "_Exposure", "_Rotation", "_MainTex", "_Tex",
            "_FrontTex", "_BackTex", "_LeftTex", "_RightTex", "_UpTex", "_DownTex");
        private static readonly Properties A = SlotProperties("A");
        private static readonly Properties B = SlotProperties("B");
        private static readonly string[] KeywordsA = { "_A_PANORAMIC", "_A_SIX_SIDED", "_A_CUBEMAP" };
        private static readonly string[] KeywordsB = { "_B_PANORAMIC", "_B_SIX_SIDED", "_B_CUBEMAP" };

        private readonly Material _material;
        private Material _from;
        private Material _to;

        /// <param name="shader">Skybox/SkyServer Cross-Fade.</param>
        public SkyboxMix(Shader shader)
        {
            _material = new Material(shader)
            {
                name = "Skybox cross-fade",
                hideFlags = HideFlags.HideAndDontSave,
            };
        }

        /// <summary>What to set as the scene's skybox. Destroyed by <see cref="Dispose"/>.</summary>
        public Material Material
        {
            get { return _material; }
        }

        /// <summary>Whether a skybox can be one of the two.</summary>
        public static bool CanShow(Material skybox)
        {
            return LayoutOf(skybox) != null;
        }

        /// <summary>Takes the textures of two skyboxes that <see cref="CanShow"/> accepts.</summary>
        public void Take(Material from, Material to)
        {
            _from = from;
            _to = to;
            TakeTextures(from, A, KeywordsA);
            TakeTextures(to, B, KeywordsB);
            Show(0);
        }

        /// <summary>
        /// Mixes them, 0 (all the first) to 1 (all the second), with the tint, exposure and rotation that
        /// they have now: a sky that a script turns goes on turning. Does not allocate.
        /// </summary>
        public void Show(float share)
        {
            TakeValues(_from, A);
            TakeValues(_to, B);
            _material.SetFloat(Blend, share);
        }

        /// <summary>Destroys the material.</summary>
        public void Dispose()
        {
            if (Application.isPlaying)
            {
                Object.Destroy(_material);
            }
            else
            {
                Object.DestroyImmediate(_material);
            }
        }

        private static SkyboxLayout? LayoutOf(Material skybox)
        {
            switch (skybox == null ? "" : skybox.shader.name)
            {
                case "Skybox/Panoramic":
                    bool whole = Mathf.RoundToInt(skybox.GetFloat(Mapping)) == 1
                        && Mathf.RoundToInt(skybox.GetFloat(ImageType)) == 0
                        && Mathf.RoundToInt(skybox.GetFloat(StereoLayout)) == 0;
                    return whole ? SkyboxLayout.Panoramic : (SkyboxLayout?)null;
                case "Skybox/6 Sided":
                    return SkyboxLayout.SixSided;
                case "Skybox/Cubemap":
                    return SkyboxLayout.Cubemap;
                default:
                    return null;
            }
        }

        private void TakeTextures(Material skybox, Properties slot, string[] keywords)
        {
            int layout = (int)LayoutOf(skybox).Value;
            foreach (string keyword in keywords)
            {
                _material.DisableKeyword(keyword);
            }
            _material.EnableKeyword(keywords[layout]);
            for (int i = 0; i < slot.Textures[layout].Length; i++)
            {
                _material.SetTexture(slot.Textures[layout][i], skybox.GetTexture(Sky.Textures[layout][i]));
            }
        }

        private void TakeValues(Material skybox, Properties slot)
        {
            if (skybox == null)
            {
                return; // destroyed meanwhile: its last values stay
            }
            _material.SetColor(slot.Tint, skybox.GetColor(Sky.Tint));
            _material.SetFloat(slot.Exposure, skybox.GetFloat(Sky.Exposure));
            _material.SetFloat(slot.Rotation, skybox.GetFloat(Sky.Rotation));
        }

        private static Properties SlotProperties(string slot)
        {
            return new Properties(
                "_Tint" + slot, "_Exposure" + slot, "_Rotation" + slot, "_Panorama" + slot, "_Cube" + slot,
                "_Front" + slot, "_Back" + slot, "_Left" + slot, "_Right" + slot, "_Up" + slot,
                "_Down" + slot);
        }

        /// <summary>Ids of a skybox's properties; textures by the number of their layout.</summary>
        private sealed class Properties
        {
            public readonly int Tint;
            public readonly int Exposure;
            public readonly int Rotation;
            public readonly int[][] Textures;

            public Properties(
                string tint,
                string exposure,
                string rotation,
                string panorama,
                string cube,
                params string[] sides)
            {
                Tint = Shader.PropertyToID(tint);
                Exposure = Shader.PropertyToID(exposure);
                Rotation = Shader.PropertyToID(rotation);
                Textures = new int[3][];
                Textures[(int)SkyboxLayout.Panoramic] = new[] { Shader.PropertyToID(panorama) };
                Textures[(int)SkyboxLayout.SixSided] = Array.ConvertAll(sides, Shader.PropertyToID);
                Textures[(int)SkyboxLayout.Cubemap] = new[] { Shader.PropertyToID(cube) };
            }
        }
    }
}
