using System;
using UnityEngine;

namespace SkyServer.Editor
{
    /// <summary>
    /// A camera that stands in the middle of a panorama and draws what it sees on the CPU, so that it
    /// needs no shader, no scene and no render pipeline. Directions are those of the scene: at yaw 0 it
    /// looks along +Z.
    /// </summary>
    public sealed class PanoramaView
    {
        /// <summary>Smallest and largest vertical field of view in degrees.</summary>
        public const float MinFieldOfView = 20f, MaxFieldOfView = 110f;

        // Unity's unity_ColorSpaceDouble: what makes a grey tint of 0.5 neutral in either colour space.
        private const float GammaDouble = 2f, LinearDouble = 4.59479380f;

        private readonly Color32[] _pixels;
        private readonly int _width, _height;
        private readonly byte[] _red = new byte[256], _green = new byte[256], _blue = new byte[256];
        private float _yaw, _pitch, _fieldOfView = 75f;

        /// <param name="pixels">Rows from the bottom to the top, as Texture2D.GetPixels32 returns
        /// them.</param>
        /// <param name="width">Width of the panorama in pixels.</param>
        /// <param name="height">Height of the panorama in pixels.</param>
        /// <exception cref="ArgumentException">The number of pixels is not width times
        /// height.</exception>
        public PanoramaView(Color32[] pixels, int width, int height)
        {
            if (width < 1 || height < 1 || pixels.Length != width * height)
            {
                throw new ArgumentException($"{pixels.Length} pixels are not {width} x {height}.");
            }
            _pixels = pixels;
            _width = width;
            _height = height;
            SetMaterial(new Color(0.5f, 0.5f, 0.5f), 1f, false);
        }

        /// <summary>Degrees to the right of +Z, 0 to 360.</summary>
        public float Yaw
        {
            get { return _yaw; }
            set { _yaw = Mathf.Repeat(value, 360f); }
        }

        /// <summary>Degrees above the horizon, -90 to 90.</summary>
        public float Pitch
        {
            get { return _pitch; }
            set { _pitch = Mathf.Clamp(value, -90f, 90f); }
        }

        /// <summary>Vertical angle in degrees.</summary>
        public float FieldOfView
        {
            get { return _fieldOfView; }
            set { _fieldOfView = Mathf.Clamp(value, MinFieldOfView, MaxFieldOfView); }
        }

        /// <summary>The material's _Rotation in degrees.</summary>
        public float Rotation { get; set; }

        /// <summary>Shows the colours that a skybox material with these values shows.</summary>
        /// <param name="tint">The material's _Tint.</param>
        /// <param name="exposure">The material's _Exposure.</param>
        /// <param name="linear">Whether the project renders in linear colour space.</param>
        public void SetMaterial(Color tint, float exposure, bool linear)
        {
            Color gain = (linear ? tint.linear * LinearDouble : tint * GammaDouble) * exposure;
            for (int level = 0; level < 256; level++)
            {
                float grey = level / 255f;
                Color light = linear ? new Color(grey, grey, grey).linear : new Color(grey, grey, grey);
                light = new Color(light.r * gain.r, light.g * gain.g, light.b * gain.b);
                Color32 shown = linear ? light.gamma : light;
                _red[level] = shown.r;
                _green[level] = shown.g;
                _blue[level] = shown.b;
            }
        }

        /// <summary>Draws one row of the view.</summary>
        /// <param name="target">Rows from the bottom to the top, width times height.</param>
        /// <param name="width">Width of the view in pixels.</param>
        /// <param name="height">Height of the view in pixels.</param>
        /// <param name="row">Which row, 0 at the bottom.</param>
        public void DrawRow(Color32[] target, int width, int height, int row)
        {
            double scale = Math.Tan(_fieldOfView * Math.PI / 360) * 2 / height;
            double sin = Math.Sin(_pitch * Math.PI / 180), cos = Math.Cos(_pitch * Math.PI / 180);
            double up = (row + 0.5 - height / 2.0) * scale;
            double y = sin + up * cos, z = cos - up * sin;
            double turn = 0.5 + (_yaw + Rotation) / 360.0;
            int first = row * width;
            for (int column = 0; column < width; column++)
            {
                double x = (column + 0.5 - width / 2.0) * scale;
                double u = turn - Math.Atan2(z, x) / (2 * Math.PI);
                double v = 0.5 + Math.Atan2(y, Math.Sqrt(x * x + z * z)) / Math.PI;
                target[first + column] = Sample(u - Math.Floor(u), v);
            }
        }

        /// <summary>Bilinear; u goes round, v stops at the poles.</summary>
        private Color32 Sample(double u, double v)
        {
            double column = u * _width - 0.5 + _width;
            double row = Math.Max(0, Math.Min(_height - 1, v * _height - 0.5));
            int left = (int)column, low = (int)row;
            int right = (int)((column - left) * 256), high = (int)((row - low) * 256);
            int x0 = left % _width, x1 = (left + 1) % _width;
            int y0 = low * _width, y1 = Math.Min(low + 1, _height - 1) * _width;
            Color32 a = _pixels[y0 + x0], b = _pixels[y0 + x1], c = _pixels[y1 + x0], d = _pixels[y1 + x1];
            return new Color32(
                _red[Mix(a.r, b.r, c.r, d.r, right, high)],
                _green[Mix(a.g, b.g, c.g, d.g, right, high)],
                _blue[Mix(a.b, b.b, c.b, d.b, right, high)],
                255);
        }

        private static int Mix(int a, int b, int c, int d, int right, int high)
        {
            int lower = a * (256 - right) + b * right, upper = c * (256 - right) + d * right;
            return (lower * (256 - high) + upper * high + (1 << 15)) >> 16;
        }
    }
}
