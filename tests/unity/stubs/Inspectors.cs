// Stubs of UnityEditor: custom inspectors.
using System;
using System.Linq;
using System.Reflection;
using UnityEngine.UIElements;
using Object = UnityEngine.Object;

namespace UnityEditor
{
    [AttributeUsage(AttributeTargets.Class)]
    public class CustomEditor : Attribute
    {
        internal readonly Type InspectedType;

        public CustomEditor(Type inspectedType)
        {
            InspectedType = inspectedType;
        }
    }

    public partial class Editor : UnityEngine.ScriptableObject
    {
        public Object target { get; internal set; }

        public virtual VisualElement CreateInspectorGUI()
        {
            return null;
        }
    }

    /// <summary>The Inspector window. There is no such class in Unity.</summary>
    public static class Inspector
    {
        /// <summary>What a user sees who selects an object that has an inspector among these scripts.</summary>
        public static VisualElement Show(Object selected, Assembly scripts)
        {
            Type type = scripts.GetTypes().Single(candidate => candidate
                .GetCustomAttributes(typeof(CustomEditor), false)
                .Cast<CustomEditor>()
                .Any(attribute => attribute.InspectedType == selected.GetType()));
            Editor editor = (Editor)UnityEngine.ScriptableObject.CreateInstance(type);
            editor.target = selected;
            const BindingFlags message = BindingFlags.Instance | BindingFlags.NonPublic;
            MethodInfo onEnable = type.GetMethod("OnEnable", message);
            if (onEnable != null)
                onEnable.Invoke(editor, null);
            VisualElement root = editor.CreateInspectorGUI();
            root.AttachToPanel(new Panel());
            return root;
        }
    }
}
