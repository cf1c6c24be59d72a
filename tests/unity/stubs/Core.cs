// Stubs of UnityEngine, hand-written from its documented signatures: objects, log, attributes.
using System;
using System.Collections.Generic;

namespace UnityEngine
{
    [Flags]
    public enum HideFlags
    {
        None = 0,
        HideInHierarchy = 1,
        HideInInspector = 2,
        DontSaveInEditor = 4,
        NotEditable = 8,
        DontSaveInBuild = 16,
        DontUnloadUnusedAsset = 32,
        DontSave = 52,
        HideAndDontSave = 61,
    }

    /// <summary>Equal to null once destroyed, as in Unity.</summary>
    public partial class Object
    {
        /// <summary>Every object that was made and not destroyed: what a test counts as left.</summary>
        public static readonly List<Object> Alive = new List<Object>();

        private bool destroyed;

        public Object()
        {
            name = "";
            lock (Alive)
                Alive.Add(this);
        }

        public string name { get; set; }

        public HideFlags hideFlags { get; set; }

        public static void DestroyImmediate(Object obj)
        {
            DestroyImmediate(obj, false);
        }

        public static void DestroyImmediate(Object obj, bool allowDestroyingAssets)
        {
            if (IsGone(obj))
                return;
            obj.OnDestroyed();
            obj.destroyed = true;
            lock (Alive)
                Alive.Remove(obj);
        }

        public static void Destroy(Object obj)
        {
            DestroyImmediate(obj);
        }

        protected virtual void OnDestroyed()
        {
        }

        public override string ToString()
        {
            return name + " (" + GetType().FullName + ")";
        }

        public override bool Equals(object other)
        {
            return Same(this, other as Object);
        }

        public override int GetHashCode()
        {
            return System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
        }

        public static implicit operator bool(Object exists)
        {
            return !IsGone(exists);
        }

        public static bool operator ==(Object x, Object y)
        {
            return Same(x, y);
        }

        public static bool operator !=(Object x, Object y)
        {
            return !Same(x, y);
        }

        private static bool Same(Object x, Object y)
        {
            return ReferenceEquals(x, y) || (IsGone(x) && IsGone(y));
        }

        private static bool IsGone(Object obj)
        {
            return ReferenceEquals(obj, null) || obj.destroyed;
        }
    }

    public partial class ScriptableObject : Object
    {
        public static ScriptableObject CreateInstance(Type type)
        {
            return (ScriptableObject)Activator.CreateInstance(type, true);
        }

        public static T CreateInstance<T>() where T : ScriptableObject
        {
            return (T)CreateInstance(typeof(T));
        }
    }

    public enum LogType
    {
        Error = 0,
        Assert = 1,
        Warning = 2,
        Log = 3,
        Exception = 4,
    }

    /// <summary>Keeps what was logged.</summary>
    public static class Debug
    {
        public static readonly List<KeyValuePair<LogType, string>> Logged =
            new List<KeyValuePair<LogType, string>>();

        public static void Log(object message)
        {
            Keep(LogType.Log, message);
        }

        public static void Log(object message, Object context)
        {
            Keep(LogType.Log, message);
        }

        public static void LogWarning(object message)
        {
            Keep(LogType.Warning, message);
        }

        public static void LogWarning(object message, Object context)
        {
            Keep(LogType.Warning, message);
        }

        public static void LogError(object message)
        {
            Keep(LogType.Error, message);
        }

        public static void LogError(object message, Object context)
        {
            Keep(LogType.Error, message);
        }

        public static void LogException(Exception exception)
        {
            Keep(LogType.Exception, exception);
        }

        public static void LogException(Exception exception, Object context)
        {
            Keep(LogType.Exception, exception);
        }

        private static void Keep(LogType type, object message)
        {
            lock (Logged)
                Logged.Add(new KeyValuePair<LogType, string>(type, Convert.ToString(message)));
        }
    }

    public enum RuntimePlatform
    {
        OSXEditor = 0,
        WindowsEditor = 7,
        LinuxEditor = 16,
    }

    public static partial class Application
    {
        /// <summary>The project's Assets folder. The project is a folder that the test names.</summary>
        public static string dataPath
        {
            get { return System.IO.Path.Combine(System.IO.Directory.GetCurrentDirectory(), "Assets"); }
        }

        public static string unityVersion
        {
            get { return "2021.3.0f1"; }
        }

        public static bool isPlaying { get; set; }

        public static RuntimePlatform platform
        {
            get { return RuntimePlatform.LinuxEditor; }
        }

        public static void OpenURL(string url)
        {
        }
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class HideInInspector : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class TooltipAttribute : Attribute
    {
        public TooltipAttribute(string tooltip)
        {
            this.tooltip = tooltip;
        }

        public readonly string tooltip;
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class RangeAttribute : Attribute
    {
        public RangeAttribute(float min, float max)
        {
            this.min = min;
            this.max = max;
        }

        public readonly float min;
        public readonly float max;
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class MinAttribute : Attribute
    {
        public MinAttribute(float min)
        {
            this.min = min;
        }

        public readonly float min;
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class HeaderAttribute : Attribute
    {
        public HeaderAttribute(string header)
        {
            this.header = header;
        }

        public readonly string header;
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class HelpURLAttribute : Attribute
    {
        public HelpURLAttribute(string url)
        {
            URL = url;
        }

        public string URL { get; private set; }
    }
}
