// UI Toolkit's elements that show something or hold others.
using System;

namespace UnityEngine.UIElements
{
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
}
