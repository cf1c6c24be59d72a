// Stubs of UnityEditor: what it remembers, and settings pages.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using UnityEngine;

namespace UnityEditor
{
    /// <summary>Values by key, kept in the process.</summary>
    internal sealed class Remembered
    {
        private readonly Dictionary<string, object> values = new Dictionary<string, object>();

        public T Get<T>(string key, T otherwise)
        {
            object value;
            return values.TryGetValue(key, out value) && value is T ? (T)value : otherwise;
        }

        public void Set(string key, object value)
        {
            values[key] = value;
        }

        public void Erase(string key)
        {
            values.Remove(key);
        }

        public bool Has(string key)
        {
            return values.ContainsKey(key);
        }
    }

    /// <summary>Per user and machine.</summary>
    public static class EditorPrefs
    {
        private static readonly Remembered Values = new Remembered();

        public static int GetInt(string key, int defaultValue = 0)
        {
            return Values.Get(key, defaultValue);
        }

        public static void SetInt(string key, int value)
        {
            Values.Set(key, value);
        }

        public static float GetFloat(string key, float defaultValue = 0)
        {
            return Values.Get(key, defaultValue);
        }

        public static void SetFloat(string key, float value)
        {
            Values.Set(key, value);
        }

        public static string GetString(string key, string defaultValue = "")
        {
            return Values.Get(key, defaultValue);
        }

        public static void SetString(string key, string value)
        {
            Values.Set(key, value);
        }

        public static bool GetBool(string key, bool defaultValue = false)
        {
            return Values.Get(key, defaultValue);
        }

        public static void SetBool(string key, bool value)
        {
            Values.Set(key, value);
        }

        public static bool HasKey(string key)
        {
            return Values.Has(key);
        }

        public static void DeleteKey(string key)
        {
            Values.Erase(key);
        }
    }

    /// <summary>Until the editor quits. Outlives its script domain, as in Unity.</summary>
    public static class SessionState
    {
        private const string Prefix = "SessionState.";

        public static string GetString(string key, string defaultValue)
        {
            return Environment.GetEnvironmentVariable(Prefix + key) ?? defaultValue;
        }

        public static void SetString(string key, string value)
        {
            Environment.SetEnvironmentVariable(Prefix + key, value);
        }

        public static void EraseString(string key)
        {
            Environment.SetEnvironmentVariable(Prefix + key, null);
        }

        public static int GetInt(string key, int defaultValue)
        {
            string value = GetString(key, null);
            return value == null ? defaultValue : int.Parse(value);
        }

        public static void SetInt(string key, int value)
        {
            SetString(key, value.ToString());
        }

        public static void EraseInt(string key)
        {
            EraseString(key);
        }

        public static bool GetBool(string key, bool defaultValue)
        {
            string value = GetString(key, null);
            return value == null ? defaultValue : bool.Parse(value);
        }

        public static void SetBool(string key, bool value)
        {
            SetString(key, value.ToString());
        }

        public static void EraseBool(string key)
        {
            EraseString(key);
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public class FilePathAttribute : Attribute
    {
        public enum Location
        {
            PreferencesFolder,
            ProjectFolder,
        }

        internal readonly string RelativePath;

        public FilePathAttribute(string relativePath, Location location)
        {
            RelativePath = relativePath;
        }
    }

    /// <summary>Kept in its file as lines of "field: value", strings and numbers only.</summary>
    public class ScriptableSingleton<T> : ScriptableObject where T : ScriptableObject
    {
        private static T current;

        public static T instance
        {
            get { return current ? current : current = Load(); }
        }

        protected virtual void Save(bool saveAsText)
        {
            string file = GetFilePath();
            Directory.CreateDirectory(Path.GetDirectoryName(file));
            File.WriteAllLines(file, Fields().Select(field => field.Name + ": " + field.GetValue(this)));
        }

        protected static string GetFilePath()
        {
            object[] found = typeof(T).GetCustomAttributes(typeof(FilePathAttribute), false);
            return Path.GetFullPath(((FilePathAttribute)found[0]).RelativePath);
        }

        private static T Load()
        {
            T loaded = CreateInstance<T>();
            if (!File.Exists(GetFilePath()))
                return loaded;
            foreach (string line in File.ReadAllLines(GetFilePath()))
            {
                int colon = line.IndexOf(": ", StringComparison.Ordinal);
                FieldInfo field = Fields().FirstOrDefault(known => known.Name == line.Substring(0, colon));
                if (field != null)
                    field.SetValue(loaded, Convert.ChangeType(line.Substring(colon + 2), field.FieldType));
            }
            return loaded;
        }

        private static IEnumerable<FieldInfo> Fields()
        {
            const BindingFlags own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
            return typeof(T).GetFields(own | BindingFlags.DeclaredOnly)
                .Where(field => field.IsPublic || field.IsDefined(typeof(SerializeField), false));
        }
    }

    public enum SettingsScope
    {
        User = 0,
        Project = 1,
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class SettingsProviderAttribute : Attribute
    {
    }

    public class SettingsProvider
    {
        public SettingsProvider(string path, SettingsScope scopes, IEnumerable<string> keywords = null)
        {
            settingsPath = path;
            scope = scopes;
            this.keywords = keywords ?? new string[0];
        }

        public string settingsPath { get; private set; }

        public SettingsScope scope { get; private set; }

        public string label { get; set; }

        public IEnumerable<string> keywords { get; set; }

        public Action<string, UnityEngine.UIElements.VisualElement> activateHandler { get; set; }

        public Action deactivateHandler { get; set; }
    }

    public static class SettingsService
    {
        public static string LastOpened { get; private set; }

        public static EditorWindow OpenProjectSettings(string settingsPath = null)
        {
            LastOpened = settingsPath;
            return null;
        }
    }

    public partial class EditorWindow : ScriptableObject
    {
    }
}
