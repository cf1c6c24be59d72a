// Stubs of UnityEngine: colours.
using System;

namespace UnityEngine
{
    [Serializable]
    public partial struct Color : IEquatable<Color>
    {
        public float r;
        public float g;
        public float b;
        public float a;

        public Color(float r, float g, float b)
            : this(r, g, b, 1)
        {
        }

        public Color(float r, float g, float b, float a)
        {
            this.r = r;
            this.g = g;
            this.b = b;
            this.a = a;
        }

        public static Color white
        {
            get { return new Color(1, 1, 1); }
        }

        public static Color black
        {
            get { return new Color(0, 0, 0); }
        }

        public static Color gray
        {
            get { return new Color(0.5f, 0.5f, 0.5f); }
        }

        /// <summary>Linear light to sRGB.</summary>
        public Color gamma
        {
            get { return new Color(ToSrgb(r), ToSrgb(g), ToSrgb(b), a); }
        }

        /// <summary>sRGB to linear light.</summary>
        public Color linear
        {
            get { return new Color(ToLinear(r), ToLinear(g), ToLinear(b), a); }
        }

        public static Color operator *(Color a, float d)
        {
            return new Color(a.r * d, a.g * d, a.b * d, a.a * d);
        }

        public static bool operator ==(Color x, Color y)
        {
            return x.Equals(y);
        }

        public static bool operator !=(Color x, Color y)
        {
            return !x.Equals(y);
        }

        public bool Equals(Color other)
        {
            return r.Equals(other.r) && g.Equals(other.g) && b.Equals(other.b) && a.Equals(other.a);
        }

        public override bool Equals(object other)
        {
            return other is Color && Equals((Color)other);
        }

        public override int GetHashCode()
        {
            return r.GetHashCode() ^ (g.GetHashCode() << 2) ^ (b.GetHashCode() >> 2) ^ a.GetHashCode();
        }

        private static float ToSrgb(float value)
        {
            return value <= 0.0031308f ? value * 12.92f : 1.055f * Mathf.Pow(value, 1 / 2.4f) - 0.055f;
        }

        private static float ToLinear(float value)
        {
            return value <= 0.04045f ? value / 12.92f : Mathf.Pow((value + 0.055f) / 1.055f, 2.4f);
        }
    }

    [Serializable]
    public partial struct Color32
    {
        public byte r;
        public byte g;
        public byte b;
        public byte a;

        public Color32(byte r, byte g, byte b, byte a)
        {
            this.r = r;
            this.g = g;
            this.b = b;
            this.a = a;
        }

        public static implicit operator Color(Color32 c)
        {
            return new Color(c.r / 255f, c.g / 255f, c.b / 255f, c.a / 255f);
        }

        public static implicit operator Color32(Color c)
        {
            return new Color32(ToByte(c.r), ToByte(c.g), ToByte(c.b), ToByte(c.a));
        }

        private static byte ToByte(float value)
        {
            return (byte)Math.Round(Mathf.Clamp01(value) * 255);
        }
    }
}
