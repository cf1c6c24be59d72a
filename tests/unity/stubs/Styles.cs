// Stubs of UnityEngine.UIElements: the inline styles that are set from code.
namespace UnityEngine.UIElements
{
    public enum WhiteSpace
    {
        Normal = 0,
        NoWrap = 1,
    }

    public struct StyleEnum<T> where T : struct
    {
        public T value { get; set; }

        public static implicit operator StyleEnum<T>(T v)
        {
            return new StyleEnum<T> { value = v };
        }
    }

    public struct StyleLength
    {
        public float value { get; set; }

        public static implicit operator StyleLength(float v)
        {
            return new StyleLength { value = v };
        }
    }

    public interface IStyle
    {
        StyleLength height { get; set; }
        StyleEnum<WhiteSpace> whiteSpace { get; set; }
    }

    public partial class VisualElement
    {
        private readonly IStyle inlineStyle = new InlineStyle();

        public IStyle style
        {
            get { return inlineStyle; }
        }

        private sealed class InlineStyle : IStyle
        {
            public StyleLength height { get; set; }
            public StyleEnum<WhiteSpace> whiteSpace { get; set; }
        }
    }
}
