using System;
using System.Collections.Generic;
using UnityEngine;
using Object = UnityEngine.Object;

namespace SkyServer.Editor
{
    /// <summary>
    /// Textures that a part of the window made for itself: no asset holds them, so it destroys them.
    /// </summary>
    public sealed class DecodedTextures : IDisposable
    {
        private readonly List<Texture2D> _owned = new List<Texture2D>();

        /// <summary>A texture of an encoded image, or null when it is none.</summary>
        public Texture2D Decode(byte[] encoded)
        {
            Texture2D texture = New(2, 2);
            if (encoded != null && texture.LoadImage(encoded))
            {
                return texture;
            }
            Destroy(texture);
            return null;
        }

        /// <summary>An empty texture of this size in pixels.</summary>
        public Texture2D New(int width, int height)
        {
            var texture = new Texture2D(width, height, TextureFormat.RGBA32, false)
            {
                hideFlags = HideFlags.HideAndDontSave,
                wrapMode = TextureWrapMode.Clamp,
            };
            _owned.Add(texture);
            return texture;
        }

        /// <summary>A small texture of an encoded panorama, or null when it is no image.</summary>
        /// <param name="encoded">The panorama; may be null.</param>
        /// <param name="width">Width in pixels; the height is half of it.</param>
        public Texture2D DecodeSmall(byte[] encoded, int width)
        {
            Texture2D large = Decode(encoded);
            if (large == null)
            {
                return null;
            }
            int height = width / 2;
            Color32[] pixels = large.GetPixels32();
            var small = new Color32[width * height];
            for (int i = 0; i < small.Length; i++)
            {
                int row = (2 * (i / width) + 1) * large.height / (2 * height);
                int column = (2 * (i % width) + 1) * large.width / (2 * width);
                small[i] = pixels[row * large.width + column];
            }
            Destroy(large);
            Texture2D texture = New(width, height);
            texture.SetPixels32(small);
            texture.Apply(false, true);
            return texture;
        }

        /// <summary>Destroys one of the textures.</summary>
        public void Destroy(Texture2D texture)
        {
            _owned.Remove(texture);
            Object.DestroyImmediate(texture);
        }

        /// <summary>Destroys all of them; more can be made after.</summary>
        public void Dispose()
        {
            foreach (Texture2D texture in _owned)
            {
                Object.DestroyImmediate(texture);
            }
            _owned.Clear();
        }
    }
}
