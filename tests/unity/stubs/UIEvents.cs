// UI Toolkit's events.
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
}
