// What windows and menus need besides UI Toolkit.
using System;
using System.Collections.Generic;
using System.Reflection;
using UnityEngine;
using UnityEngine.UIElements;

namespace UnityEngine
{
    public enum KeyCode
    {
        None = 0,
        UpArrow = 273,
        DownArrow = 274,
        RightArrow = 275,
        LeftArrow = 276,
        Home = 278,
        End = 279,
    }

    public enum ScaleMode
    {
        StretchToFill,
        ScaleAndCrop,
        ScaleToFit,
    }

    public enum ColorSpace
    {
        Uninitialized = -1,
        Gamma = 0,
        Linear = 1,
    }

    public static class QualitySettings
    {
        public static ColorSpace activeColorSpace { get; set; } = ColorSpace.Gamma;
    }

    public static class ColorUtility
    {
        public static string ToHtmlStringRGB(Color color)
        {
            Color32 bytes = color;
            return $"{bytes.r:X2}{bytes.g:X2}{bytes.b:X2}";
        }

        /// <summary>Only #rrggbb.</summary>
        public static bool TryParseHtmlString(string htmlString, out Color color)
        {
            int value;
            color = default(Color);
            if (htmlString.Length != 7 || !int.TryParse(
                htmlString.Substring(1), System.Globalization.NumberStyles.HexNumber, null, out value))
                return false;
            color = new Color32((byte)(value >> 16), (byte)(value >> 8), (byte)value, 255);
            return true;
        }
    }

    public class GUIContent
    {
        public GUIContent(string text)
        {
            this.text = text;
        }

        public string text { get; set; }
    }
}

namespace UnityEditor
{
    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class MenuItem : Attribute
    {
        public readonly string menuItem;
        public readonly bool validate;
        public readonly int priority;

        public MenuItem(string itemName) : this(itemName, false)
        {
        }

        public MenuItem(string itemName, bool isValidateFunction) : this(itemName, isValidateFunction, 1000)
        {
        }

        public MenuItem(string itemName, bool isValidateFunction, int priority)
        {
            menuItem = itemName;
            validate = isValidateFunction;
            this.priority = priority;
        }
    }

    public static partial class EditorApplication
    {
        public static event Action projectChanged = () => { };

        internal static void TellProjectChanged()
        {
            projectChanged();
        }
    }

    /// <summary>What a test does in the user's place. There is no such class in Unity.</summary>
    public static class EditorUser
    {
        /// <summary>What he answers to a dialogue.</summary>
        public static bool Agrees { get; set; }

        /// <summary>The message of the last dialogue.</summary>
        public static string Asked { get; internal set; }

        /// <summary>The folder that he chooses.</summary>
        public static string Chooses { get; set; } = "";

        /// <summary>Changes files in the project view.</summary>
        public static void ChangeProject()
        {
            EditorApplication.TellProjectChanged();
        }

        /// <summary>Runs a menu item if it is enabled; returns whether it was.</summary>
        public static bool ChooseMenu(Assembly scripts, string item)
        {
            if (!IsMenuEnabled(scripts, item))
                return false;
            Item(scripts, item, false).Invoke(null, null);
            return true;
        }

        public static bool IsMenuEnabled(Assembly scripts, string item)
        {
            MethodInfo validate = Item(scripts, item, true);
            return validate == null || (bool)validate.Invoke(null, null);
        }

        private static MethodInfo Item(Assembly scripts, string item, bool validate)
        {
            const BindingFlags any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
            foreach (Type type in scripts.GetTypes())
                foreach (MethodInfo method in type.GetMethods(any))
                    foreach (MenuItem menu in method.GetCustomAttributes(typeof(MenuItem), false))
                        if (menu.menuItem == item && menu.validate == validate)
                            return method;
            if (!validate)
                throw new ArgumentException("no menu item " + item);
            return null;
        }
    }

    public static partial class EditorUtility
    {
        public static bool DisplayDialog(string title, string message, string ok, string cancel = "")
        {
            EditorUser.Asked = message;
            return cancel.Length == 0 || EditorUser.Agrees;
        }

        public static string OpenFolderPanel(string title, string folder, string defaultName)
        {
            return EditorUser.Chooses;
        }
    }

    public static class FileUtil
    {
        /// <returns>"" for what is not in the project.</returns>
        public static string GetProjectRelativePath(string path)
        {
            string project = System.IO.Directory.GetCurrentDirectory() + "/";
            return path.StartsWith(project) ? path.Substring(project.Length) : "";
        }
    }

    public static class Selection
    {
        public static UnityEngine.Object activeObject { get; set; }
    }

    public static class EditorGUIUtility
    {
        public static UnityEngine.Object Pinged { get; private set; }

        public static void PingObject(UnityEngine.Object obj)
        {
            Pinged = obj;
        }
    }

    /// <summary>One window of each type; opening and closing call what Unity calls.</summary>
    public partial class EditorWindow : ScriptableObject
    {
        private static readonly Dictionary<Type, EditorWindow> Open = new Dictionary<Type, EditorWindow>();

        public VisualElement rootVisualElement { get; } = new VisualElement();
        public GUIContent titleContent { get; set; }
        public Vector2 minSize { get; set; }
        public Vector2 maxSize { get; set; }
        public string Notification { get; private set; }

        public static T GetWindow<T>(string title) where T : EditorWindow
        {
            EditorWindow window;
            if (!Open.TryGetValue(typeof(T), out window))
            {
                window = CreateInstance<T>();
                Open[typeof(T)] = window;
                window.Tell("OnEnable");
                window.rootVisualElement.AttachToPanel(new Panel());
                window.Tell("CreateGUI");
            }
            window.titleContent = new GUIContent(title);
            return (T)window;
        }

        public static bool HasOpenInstances<T>() where T : EditorWindow
        {
            return Open.ContainsKey(typeof(T));
        }

        public void Close()
        {
            Open.Remove(GetType());
            Tell("OnDisable");
            Tell("OnDestroy");
            DestroyImmediate(this);
        }

        public void Focus()
        {
        }

        public void ShowNotification(GUIContent notification)
        {
            Notification = notification.text;
        }

        private void Tell(string message)
        {
            MethodInfo method = GetType().GetMethod(
                message, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, null, Type.EmptyTypes, null);
            if (method != null)
                method.Invoke(this, null);
        }
    }
}
