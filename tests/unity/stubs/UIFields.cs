// UI Toolkit's fields, which tell when their value changes.
using System;
using System.Collections.Generic;

namespace UnityEngine.UIElements
{
    public interface INotifyValueChanged<T>
    {
        T value { get; set; }
        void SetValueWithoutNotify(T newValue);
    }

    public abstract class BaseField<T> : VisualElement, INotifyValueChanged<T>
    {
        private T _value;

        protected BaseField(string label)
        {
            this.label = label;
            focusable = true;
        }

        public string label { get; set; }

        public virtual T value
        {
            get { return _value; }
            set
            {
                T before = _value;
                SetValueWithoutNotify(value);
                if (panel != null && !EqualityComparer<T>.Default.Equals(before, _value))
                    SendEvent(new ChangeEvent<T> { previousValue = before, newValue = _value });
            }
        }

        public virtual void SetValueWithoutNotify(T newValue)
        {
            _value = newValue;
        }
    }

    public static class INotifyValueChangedExtensions
    {
        public static bool RegisterValueChangedCallback<T>(
            this INotifyValueChanged<T> control, EventCallback<ChangeEvent<T>> callback)
        {
            ((VisualElement)control).RegisterCallback(callback);
            return true;
        }
    }

    public class Toggle : BaseField<bool>
    {
        public Toggle(string label = null) : base(label)
        {
        }
    }

    public class TextField : BaseField<string>
    {
        public TextField(string label = null) : base(label)
        {
            SetValueWithoutNotify("");
        }

        public bool isDelayed { get; set; }
        public bool isPasswordField { get; set; }
    }

    public class Slider : BaseField<float>
    {
        public Slider(string label, float start = 0, float end = 10) : base(label)
        {
            lowValue = start;
            highValue = end;
        }

        public float lowValue { get; set; }
        public float highValue { get; set; }
        public bool showInputField { get; set; }

        public override void SetValueWithoutNotify(float newValue)
        {
            base.SetValueWithoutNotify(Math.Max(lowValue, Math.Min(highValue, newValue)));
        }
    }

    public class DropdownField : BaseField<string>
    {
        public DropdownField(string label = null) : base(label)
        {
        }

        public List<string> choices { get; set; } = new List<string>();

        public int index
        {
            get { return choices.IndexOf(value); }
            set { this.value = value < 0 ? null : choices[value]; }
        }
    }
}

namespace UnityEditor.UIElements
{
    public class ColorField : UnityEngine.UIElements.BaseField<UnityEngine.Color>
    {
        public ColorField(string label = null) : base(label)
        {
        }

        public bool showAlpha { get; set; } = true;
        public bool hdr { get; set; }
    }
}
