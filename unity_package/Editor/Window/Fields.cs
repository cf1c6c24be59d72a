using System;
using System.Collections.Generic;
using UnityEditor.UIElements;
using UnityEngine;
using UnityEngine.UIElements;

namespace SkyServer.Editor
{
    /// <summary>
    /// The kinds of controls that the window is put together from, each with name, label and tooltip.
    /// </summary>
    internal static class Fields
    {
        internal static DropdownField Choice(string name, string label, string tooltip, Action<string> chosen)
        {
            return Prepare(new DropdownField(label), name, tooltip, chosen);
        }

        internal static Slider Range(
            string name, string label, string tooltip, float low, float high, Action<float> moved)
        {
            return Prepare(new Slider(label, low, high) { showInputField = true }, name, tooltip, moved);
        }

        /// <summary>Tells of its text when Return is pressed or the focus leaves it.</summary>
        internal static TextField Text(string name, string label, string tooltip, Action<string> entered)
        {
            return Prepare(new TextField(label) { isDelayed = true }, name, tooltip, entered);
        }

        internal static Toggle Check(string name, string label, string tooltip, Action<bool> switched)
        {
            return Prepare(new Toggle(label), name, tooltip, switched);
        }

        internal static ColorField Colour(string name, string label, string tooltip, Action<Color> picked)
        {
            return Prepare(new ColorField(label) { showAlpha = false }, name, tooltip, picked);
        }

        internal static Button Button(string name, string text, string tooltip, Action clicked)
        {
            var button = new Button(clicked) { name = name, text = text, tooltip = tooltip };
            button.AddToClassList("sky-button");
            return button;
        }

        internal static VisualElement Row(params VisualElement[] elements)
        {
            var row = new VisualElement();
            row.AddToClassList("sky-row");
            foreach (VisualElement element in elements)
            {
                row.Add(element);
            }
            return row;
        }

        internal static void Show(VisualElement element, bool shown)
        {
            element.EnableInClassList("sky-hidden", !shown);
        }

        /// <summary>Leaves a field that has the value alone: somebody may be typing in it.</summary>
        internal static void Set<T>(BaseField<T> field, T value)
        {
            if (!EqualityComparer<T>.Default.Equals(field.value, value))
            {
                field.SetValueWithoutNotify(value);
            }
        }

        private static TField Prepare<TField, TValue>(
            TField field, string name, string tooltip, Action<TValue> changed)
            where TField : BaseField<TValue>
        {
            field.name = name;
            field.tooltip = tooltip;
            field.AddToClassList("sky-field");
            field.RegisterValueChangedCallback(evt => changed(evt.newValue));
            return field;
        }
    }
}
