// JsonUtility: public fields of serialisable classes, lists, arrays, enums as numbers.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace UnityEngine
{
    public static class JsonUtility
    {
        public static string ToJson(object obj, bool prettyPrint = false)
        {
            StringBuilder text = new StringBuilder();
            Write(text, obj, obj.GetType());
            return text.ToString();
        }

        /// <exception cref="ArgumentException">The text is not JSON.</exception>
        public static T FromJson<T>(string json)
        {
            if (string.IsNullOrEmpty(json))
                return default(T);
            JsonReader reader = new JsonReader(json);
            object parsed = reader.ReadAll();
            if (!(parsed is Dictionary<string, object>))
                throw new ArgumentException("JSON must represent an object type.");
            return (T)Build(parsed, typeof(T));
        }

        private static IEnumerable<FieldInfo> Fields(Type type)
        {
            const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
            foreach (FieldInfo field in type.GetFields(any))
                if (field.IsPublic || field.IsDefined(typeof(SerializeField), false))
                    yield return field;
        }

        private static void Write(StringBuilder text, object value, Type type)
        {
            if (type == typeof(string))
                WriteString(text, (string)value ?? "");
            else if (type == typeof(bool))
                text.Append((bool)value ? "true" : "false");
            else if (type.IsEnum)
                text.Append(Convert.ToInt64(value));
            else if (type.IsPrimitive)
                text.Append(((IFormattable)value).ToString(type == typeof(double) ? "R" : null, CultureInfo.InvariantCulture));
            else if (typeof(IList).IsAssignableFrom(type))
                WriteList(text, (IList)value, ElementType(type));
            else
                WriteObject(text, value ?? Activator.CreateInstance(type), type);
        }

        private static void WriteString(StringBuilder text, string value)
        {
            text.Append('"');
            foreach (char letter in value)
            {
                if (letter == '"' || letter == '\\')
                    text.Append('\\').Append(letter);
                else if (letter < ' ')
                    text.AppendFormat("\\u{0:x4}", (int)letter);
                else
                    text.Append(letter);
            }
            text.Append('"');
        }

        private static void WriteList(StringBuilder text, IList list, Type element)
        {
            text.Append('[');
            for (int i = 0; list != null && i < list.Count; i++)
            {
                if (i > 0)
                    text.Append(',');
                Write(text, list[i], element);
            }
            text.Append(']');
        }

        private static void WriteObject(StringBuilder text, object value, Type type)
        {
            text.Append('{');
            bool first = true;
            foreach (FieldInfo field in Fields(type))
            {
                if (!first)
                    text.Append(',');
                first = false;
                WriteString(text, field.Name);
                text.Append(':');
                Write(text, field.GetValue(value), field.FieldType);
            }
            text.Append('}');
        }

        private static Type ElementType(Type list)
        {
            return list.IsArray ? list.GetElementType() : list.GetGenericArguments()[0];
        }

        private static object Build(object parsed, Type type)
        {
            if (type == typeof(string))
                return parsed as string ?? "";
            if (type == typeof(bool))
                return parsed is bool && (bool)parsed;
            if (type.IsEnum)
                return Enum.ToObject(type, (long)Number(parsed));
            if (type.IsPrimitive)
                return Convert.ChangeType(Number(parsed), type, CultureInfo.InvariantCulture);
            if (typeof(IList).IsAssignableFrom(type))
                return BuildList(parsed as List<object> ?? new List<object>(), type);
            object built = Activator.CreateInstance(type);
            Dictionary<string, object> members = parsed as Dictionary<string, object>;
            foreach (FieldInfo field in Fields(type))
            {
                object member;
                if (members != null && members.TryGetValue(field.Name, out member))
                    field.SetValue(built, Build(member, field.FieldType));
            }
            return built;
        }

        private static double Number(object parsed)
        {
            return parsed is double ? (double)parsed : 0;
        }

        private static object BuildList(List<object> parsed, Type type)
        {
            Type element = ElementType(type);
            IList list = type.IsArray
                ? Array.CreateInstance(element, parsed.Count)
                : (IList)Activator.CreateInstance(type);
            for (int i = 0; i < parsed.Count; i++)
            {
                object item = Build(parsed[i], element);
                if (type.IsArray)
                    list[i] = item;
                else
                    list.Add(item);
            }
            return list;
        }
    }

    internal sealed class JsonReader
    {
        private readonly string _text;
        private int _at;

        public JsonReader(string text)
        {
            _text = text;
        }

        public object ReadAll()
        {
            object value = Read();
            Skip();
            if (_at != _text.Length)
                throw Broken();
            return value;
        }

        private object Read()
        {
            switch (Peek())
            {
                case '{': return ReadObject();
                case '[': return ReadList();
                case '"': return ReadString();
                case 't': return Word("true", true);
                case 'f': return Word("false", false);
                case 'n': return Word("null", null);
                default: return ReadNumber();
            }
        }

        private object ReadObject()
        {
            Dictionary<string, object> members = new Dictionary<string, object>();
            Take('{');
            while (Peek() != '}')
            {
                if (members.Count > 0)
                    Take(',');
                Skip();
                string name = ReadString();
                Take(':');
                members[name] = Read();
            }
            Take('}');
            return members;
        }

        private object ReadList()
        {
            List<object> items = new List<object>();
            Take('[');
            while (Peek() != ']')
            {
                if (items.Count > 0)
                    Take(',');
                items.Add(Read());
            }
            Take(']');
            return items;
        }

        private string ReadString()
        {
            StringBuilder value = new StringBuilder();
            Take('"');
            while (Letter() != '"')
            {
                char letter = _text[_at++];
                if (letter != '\\')
                    value.Append(letter);
                else
                    value.Append(Escaped());
            }
            _at++;
            return value.ToString();
        }

        private char Escaped()
        {
            char letter = Letter();
            _at++;
            if (letter == 'n')
                return '\n';
            if (letter != 'u')
                return letter;
            _at += 4;
            if (_at > _text.Length)
                throw Broken();
            return (char)Convert.ToInt32(_text.Substring(_at - 4, 4), 16);
        }

        private object ReadNumber()
        {
            int start = _at;
            while (_at < _text.Length && "+-.eE0123456789".IndexOf(_text[_at]) >= 0)
                _at++;
            double number;
            string digits = _text.Substring(start, _at - start);
            if (!double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out number))
                throw Broken();
            return number;
        }

        private object Word(string word, object value)
        {
            if (string.CompareOrdinal(_text, _at, word, 0, word.Length) != 0)
                throw Broken();
            _at += word.Length;
            return value;
        }

        private void Skip()
        {
            while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
                _at++;
        }

        private char Peek()
        {
            Skip();
            return Letter();
        }

        private char Letter()
        {
            if (_at >= _text.Length)
                throw Broken();
            return _text[_at];
        }

        private void Take(char wanted)
        {
            if (Peek() != wanted)
                throw Broken();
            _at++;
        }

        private Exception Broken()
        {
            return new ArgumentException("JSON parse error near " + _at);
        }
    }
}
