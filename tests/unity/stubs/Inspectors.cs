// Stubs of UnityEditor: custom inspectors.
using System;
using UnityEngine.UIElements;
using Object = UnityEngine.Object;

namespace UnityEditor
{
    [AttributeUsage(AttributeTargets.Class)]
    public class CustomEditor : Attribute
    {
        public CustomEditor(Type inspectedType)
        {
        }
    }

    public partial class Editor : UnityEngine.ScriptableObject
    {
        public Object target { get; set; }

        public virtual VisualElement CreateInspectorGUI()
        {
            return null;
        }
    }
}
