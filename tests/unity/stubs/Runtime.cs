// Stubs of UnityEngine: scripts, time, curves, and properties by their ids.
using System;
using System.Collections.Generic;
using System.Reflection;

namespace UnityEngine
{
    /// <summary>Calls OnEnable and OnDisable as Unity does, once it runs in edit mode.</summary>
    public partial class MonoBehaviour : Behaviour
    {
        private bool running;

        public bool runInEditMode
        {
            get { return running; }
            set { Run(value && enabled, () => running = value); }
        }

        public new bool enabled
        {
            get { return base.enabled; }
            set { Run(value && running, () => base.enabled = value); }
        }

        protected override void OnDestroyed()
        {
            enabled = false;
        }

        private void Run(bool afterwards, Action change)
        {
            bool before = running && enabled;
            change();
            if (afterwards != before)
                Call(afterwards ? "OnEnable" : "OnDisable");
        }

        private void Call(string message)
        {
            MethodInfo method = GetType().GetMethod(message, BindingFlags.Instance | BindingFlags.NonPublic);
            if (method != null)
                method.Invoke(this, null);
        }
    }

    public static class Time
    {
        public static float deltaTime { get; set; }
    }

    /// <summary>Only the curve between two keys, smooth at both.</summary>
    public sealed class AnimationCurve
    {
        private float startTime, startValue, endTime, endValue;
        private bool smooth;

        public static AnimationCurve EaseInOut(
            float timeStart, float valueStart, float timeEnd, float valueEnd)
        {
            AnimationCurve curve = Linear(timeStart, valueStart, timeEnd, valueEnd);
            curve.smooth = true;
            return curve;
        }

        public static AnimationCurve Linear(float timeStart, float valueStart, float timeEnd, float valueEnd)
        {
            return new AnimationCurve
            {
                startTime = timeStart, startValue = valueStart, endTime = timeEnd, endValue = valueEnd,
            };
        }

        public float Evaluate(float time)
        {
            float t = Mathf.Clamp01((time - startTime) / (endTime - startTime));
            return Mathf.Lerp(startValue, endValue, smooth ? t * t * (3 - 2 * t) : t);
        }
    }

    public sealed partial class Shader
    {
        private static readonly List<string> Names = new List<string>();

        public static int PropertyToID(string name)
        {
            if (!Names.Contains(name))
                Names.Add(name);
            return Names.IndexOf(name);
        }

        internal static string PropertyName(int id)
        {
            return Names[id];
        }
    }

    public partial class Material
    {
        public void SetTexture(int nameID, Texture value)
        {
            SetTexture(Shader.PropertyName(nameID), value);
        }

        public Texture GetTexture(int nameID)
        {
            return GetTexture(Shader.PropertyName(nameID));
        }

        public void SetFloat(int nameID, float value)
        {
            SetFloat(Shader.PropertyName(nameID), value);
        }

        public float GetFloat(int nameID)
        {
            return GetFloat(Shader.PropertyName(nameID));
        }

        public void SetColor(int nameID, Color value)
        {
            SetColor(Shader.PropertyName(nameID), value);
        }

        public Color GetColor(int nameID)
        {
            return GetColor(Shader.PropertyName(nameID));
        }
    }

    public sealed class WaitForSeconds
    {
        public WaitForSeconds(float seconds)
        {
            Seconds = seconds;
        }

        public float Seconds { get; private set; }
    }

    public enum PrimitiveType
    {
        Sphere = 0,
    }

    public sealed partial class GameObject
    {
        public static GameObject CreatePrimitive(PrimitiveType type)
        {
            return new GameObject(type.ToString());
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class AddComponentMenu : Attribute
    {
        public AddComponentMenu(string menuName)
        {
            componentMenu = menuName;
        }

        public string componentMenu { get; private set; }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class DisallowMultipleComponent : Attribute
    {
    }
}
