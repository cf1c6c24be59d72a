// Stubs of UnityEngine: rotations. Left-handed, y up, angles in degrees.
using System;

namespace UnityEngine
{
    [Serializable]
    public partial struct Quaternion
    {
        public float x;
        public float y;
        public float z;
        public float w;

        public Quaternion(float x, float y, float z, float w)
        {
            this.x = x;
            this.y = y;
            this.z = z;
            this.w = w;
        }

        public static Quaternion identity
        {
            get { return new Quaternion(0, 0, 0, 1); }
        }

        public static Quaternion AngleAxis(float angle, Vector3 axis)
        {
            float half = angle * Mathf.Deg2Rad / 2;
            Vector3 v = axis.normalized * Mathf.Sin(half);
            return new Quaternion(v.x, v.y, v.z, Mathf.Cos(half));
        }

        /// <summary>Turns by z, then by x, then by y.</summary>
        public static Quaternion Euler(float x, float y, float z)
        {
            return AngleAxis(y, Vector3.up) * AngleAxis(x, Vector3.right) * AngleAxis(z, Vector3.forward);
        }

        public static Quaternion LookRotation(Vector3 forward)
        {
            return LookRotation(forward, Vector3.up);
        }

        public static Quaternion LookRotation(Vector3 forward, Vector3 upwards)
        {
            Vector3 f = forward.normalized;
            Vector3 side = Vector3.Cross(upwards, f);
            if (side.sqrMagnitude < 1e-8f)
                return AngleAxis(f.y > 0 ? -90 : 90, Vector3.right);
            float yaw = Mathf.Atan2(f.x, f.z) * Mathf.Rad2Deg;
            float pitch = -Mathf.Asin(Mathf.Clamp(f.y, -1, 1)) * Mathf.Rad2Deg;
            return Euler(pitch, yaw, 0);
        }

        public static Quaternion Inverse(Quaternion q)
        {
            return new Quaternion(-q.x, -q.y, -q.z, q.w);
        }

        public static Quaternion operator *(Quaternion a, Quaternion b)
        {
            return new Quaternion(
                a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
                a.w * b.y + a.y * b.w + a.z * b.x - a.x * b.z,
                a.w * b.z + a.z * b.w + a.x * b.y - a.y * b.x,
                a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z);
        }

        public static Vector3 operator *(Quaternion q, Vector3 v)
        {
            Vector3 u = new Vector3(q.x, q.y, q.z);
            Vector3 twice = Vector3.Cross(u, v) * 2;
            return v + twice * q.w + Vector3.Cross(u, twice);
        }
    }
}
