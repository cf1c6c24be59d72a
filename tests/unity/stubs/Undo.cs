// Stub of UnityEditor.Undo.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using UnityEngine;
using Object = UnityEngine.Object;

namespace UnityEditor
{
    /// <summary>Steps by group. One in which nothing changed does not count, as in Unity.</summary>
    public static class Undo
    {
        public delegate void UndoRedoCallback();

        public static UndoRedoCallback undoRedoPerformed;

        private sealed class Record
        {
            public int Group;
            public Func<bool> Changed;
            public Action Revert;
        }

        private static readonly List<Record> Records = new List<Record>();
        private static readonly Dictionary<int, string> Names = new Dictionary<int, string>();
        private static int current;

        /// <summary>Names of the steps that can be undone, the last one last.</summary>
        public static string[] Steps
        {
            get { return ChangedGroups().Select(group => Names[group]).ToArray(); }
        }

        public static void IncrementCurrentGroup()
        {
            current++;
        }

        public static int GetCurrentGroup()
        {
            return current;
        }

        public static void SetCurrentGroupName(string name)
        {
            Names[current] = name;
        }

        public static void CollapseUndoOperations(int groupIndex)
        {
            foreach (Record record in Records.Where(record => record.Group > groupIndex))
                record.Group = groupIndex;
        }

        public static void RecordObjects(Object[] objectsToUndo, string name)
        {
            foreach (Object item in objectsToUndo)
                RecordObject(item, name);
        }

        public static void RecordObject(Object objectToUndo, string name)
        {
            Dictionary<FieldInfo, object> before = Fields(objectToUndo.GetType())
                .ToDictionary(field => field, field => field.GetValue(objectToUndo));
            Add(name, new Record
            {
                Changed = () => before.Any(old => !Equals(old.Value, old.Key.GetValue(objectToUndo))),
                Revert = () => before.ToList().ForEach(old => old.Key.SetValue(objectToUndo, old.Value)),
            });
        }

        public static void RegisterCreatedObjectUndo(Object objectToUndo, string name)
        {
            Add(name, new Record
            {
                Changed = () => objectToUndo != null,
                Revert = () => Object.DestroyImmediate(objectToUndo),
            });
        }

        public static void PerformUndo()
        {
            int last = ChangedGroups().Last();
            foreach (Record record in Records.Where(record => record.Group == last).Reverse())
                record.Revert();
            Records.RemoveAll(record => record.Group == last);
            if (undoRedoPerformed != null)
                undoRedoPerformed();
        }

        public static void ClearAll()
        {
            Records.Clear();
        }

        private static IEnumerable<int> ChangedGroups()
        {
            return Records.Where(record => record.Changed())
                .Select(record => record.Group)
                .Distinct()
                .OrderBy(group => group);
        }

        private static void Add(string name, Record record)
        {
            record.Group = current;
            if (!Names.ContainsKey(current))
                Names[current] = name;
            Records.Add(record);
        }

        private static IEnumerable<FieldInfo> Fields(Type type)
        {
            const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
            for (; type != typeof(Component) && type != typeof(Object); type = type.BaseType)
                foreach (FieldInfo field in type.GetFields(any | BindingFlags.DeclaredOnly))
                    yield return field;
        }
    }
}
