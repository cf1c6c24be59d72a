// UI Toolkit without drawing: a tree of elements, events that bubble, fields that tell of changes.
using System;
using System.Collections.Generic;

namespace UnityEngine.UIElements
{
    public delegate void EventCallback<in T>(T evt);

    public abstract class EventBase
    {
        public VisualElement target { get; internal set; }
        public bool isPropagationStopped { get; private set; }

        internal virtual bool NeedsEnabled => false;

        public void StopPropagation()
        {
            isPropagationStopped = true;
        }
    }

    public abstract class InputEvent : EventBase
    {
        internal override bool NeedsEnabled => true;
    }

    public abstract class PointerEvent : InputEvent
    {
        public int pointerId { get; set; }
        public int button { get; set; }
        public Vector3 position { get; set; }
        public Vector3 deltaPosition { get; set; }
    }

    public sealed class PointerDownEvent : PointerEvent
    {
    }

    public sealed class PointerMoveEvent : PointerEvent
    {
    }

    public sealed class PointerUpEvent : PointerEvent
    {
    }

    public sealed class WheelEvent : InputEvent
    {
        public Vector3 delta { get; set; }
    }

    public sealed class KeyDownEvent : InputEvent
    {
        public KeyCode keyCode { get; set; }
    }

    public sealed class NavigationMoveEvent : InputEvent
    {
        public enum Direction
        {
            None,
            Left,
            Up,
            Right,
            Down,
        }

        public Direction direction { get; set; }
    }

    public sealed class ChangeEvent<T> : EventBase
    {
        public T previousValue { get; internal set; }
        public T newValue { get; internal set; }
    }

    public enum PickingMode
    {
        Position,
        Ignore,
    }

    public interface IPanel
    {
    }

    internal sealed class Panel : IPanel
    {
    }

    public sealed class StyleSheet : ScriptableObject
    {
    }

    public struct VisualElementStyleSheetSet
    {
        private readonly List<StyleSheet> _sheets;

        internal VisualElementStyleSheetSet(List<StyleSheet> sheets)
        {
            _sheets = sheets;
        }

        public int count => _sheets.Count;

        public void Add(StyleSheet styleSheet)
        {
            if (styleSheet == null)
                throw new ArgumentNullException(nameof(styleSheet));
            _sheets.Add(styleSheet);
        }
    }

    public partial class VisualElement
    {
        private readonly List<VisualElement> _children = new List<VisualElement>();
        private readonly HashSet<string> _classes = new HashSet<string>();
        private readonly List<StyleSheet> _sheets = new List<StyleSheet>();
        private readonly Dictionary<Type, Delegate> _callbacks = new Dictionary<Type, Delegate>();
        private readonly HashSet<int> _captured = new HashSet<int>();
        private IPanel _panel;

        public VisualElement parent { get; private set; }
        public string name { get; set; } = "";
        public string tooltip { get; set; } = "";
        public bool focusable { get; set; }
        public bool enabledSelf { get; private set; } = true;
        public object userData { get; set; }
        public Rect contentRect { get; set; }
        public PickingMode pickingMode { get; set; }

        public int childCount => _children.Count;
        public VisualElement this[int index] => _children[index];
        public bool enabledInHierarchy => enabledSelf && (parent == null || parent.enabledInHierarchy);
        public IPanel panel => _panel ?? parent?.panel;
        public VisualElementStyleSheetSet styleSheets => new VisualElementStyleSheetSet(_sheets);

        /// <summary>The element that Focus was called on last.</summary>
        public static VisualElement Focused { get; private set; }

        internal void AttachToPanel(IPanel attached)
        {
            _panel = attached;
        }

        public void Add(VisualElement child)
        {
            child.RemoveFromHierarchy();
            child.parent = this;
            _children.Add(child);
        }

        public void RemoveFromHierarchy()
        {
            if (parent != null)
                parent._children.Remove(this);
            parent = null;
        }

        public void Clear()
        {
            foreach (VisualElement child in _children)
                child.parent = null;
            _children.Clear();
        }

        public IEnumerable<VisualElement> Children()
        {
            return _children;
        }

        public void AddToClassList(string className)
        {
            _classes.Add(className);
        }

        public void RemoveFromClassList(string className)
        {
            _classes.Remove(className);
        }

        public bool ClassListContains(string className)
        {
            return _classes.Contains(className);
        }

        public void EnableInClassList(string className, bool enable)
        {
            if (enable)
                _classes.Add(className);
            else
                _classes.Remove(className);
        }

        public void SetEnabled(bool value)
        {
            enabledSelf = value;
        }

        public void Focus()
        {
            if (focusable && enabledInHierarchy)
                Focused = this;
        }

        public void MarkDirtyRepaint()
        {
        }

        public void RegisterCallback<T>(EventCallback<T> callback) where T : EventBase
        {
            Delegate before;
            _callbacks.TryGetValue(typeof(T), out before);
            _callbacks[typeof(T)] = Delegate.Combine(before, callback);
        }

        public void SendEvent(EventBase evt)
        {
            if (evt.NeedsEnabled && !enabledInHierarchy)
                return;
            evt.target = this;
            for (VisualElement at = this; at != null && !evt.isPropagationStopped; at = at.parent)
            {
                Delegate callbacks;
                if (at._callbacks.TryGetValue(evt.GetType(), out callbacks))
                    callbacks.DynamicInvoke(evt);
            }
        }

        internal void SetCapture(int pointerId, bool captured)
        {
            if (captured)
                _captured.Add(pointerId);
            else
                _captured.Remove(pointerId);
        }

        internal bool Captures(int pointerId)
        {
            return _captured.Contains(pointerId);
        }
    }

    public static class PointerCaptureHelper
    {
        public static void CapturePointer(this VisualElement handler, int pointerId)
        {
            handler.SetCapture(pointerId, true);
        }

        public static void ReleasePointer(this VisualElement handler, int pointerId)
        {
            handler.SetCapture(pointerId, false);
        }

        public static bool HasPointerCapture(this VisualElement handler, int pointerId)
        {
            return handler.Captures(pointerId);
        }
    }

    public static class UQueryExtensions
    {
        public static T Q<T>(this VisualElement e, string name = null, string className = null) where T : VisualElement
        {
            foreach (VisualElement child in e.Children())
            {
                T wanted = child as T;
                if (wanted != null && (name == null || child.name == name)
                    && (className == null || child.ClassListContains(className)))
                    return wanted;
                T below = child.Q<T>(name, className);
                if (below != null)
                    return below;
            }
            return null;
        }
    }

    public class TextElement : VisualElement
    {
        public string text { get; set; } = "";
    }

    public class Label : TextElement
    {
        public Label()
        {
        }

        public Label(string text)
        {
            this.text = text;
        }
    }

    public class Button : TextElement
    {
        public event Action clicked;

        public Button()
        {
            focusable = true;
        }

        public Button(Action clickEvent) : this()
        {
            clicked += clickEvent;
        }

        /// <summary>What a mouse click, Space or Return do.</summary>
        public void Click()
        {
            if (enabledInHierarchy && panel != null)
                clicked?.Invoke();
        }
    }

    public class Image : VisualElement
    {
        public Texture image { get; set; }
        public ScaleMode scaleMode { get; set; }
    }

    public enum ScrollViewMode
    {
        Vertical,
        Horizontal,
        VerticalAndHorizontal,
    }

    public class ScrollView : VisualElement
    {
        public ScrollView(ScrollViewMode scrollViewMode)
        {
        }
    }

    public class Foldout : VisualElement
    {
        public string text { get; set; }
        public bool value { get; set; } = true;
    }

    public enum HelpBoxMessageType
    {
        None,
        Info,
        Warning,
        Error,
    }

    public class HelpBox : VisualElement
    {
        public HelpBox(string text, HelpBoxMessageType messageType)
        {
            this.text = text;
            this.messageType = messageType;
        }

        public string text { get; set; }
        public HelpBoxMessageType messageType { get; set; }
    }

    public class ProgressBar : VisualElement
    {
        public string title { get; set; } = "";
        public float value { get; set; }
        public float lowValue { get; set; }
        public float highValue { get; set; } = 100f;
    }

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
