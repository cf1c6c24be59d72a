// UI Toolkit without drawing: a tree of elements in which events bubble.
using System;
using System.Collections.Generic;

namespace UnityEngine.UIElements
{
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
}
