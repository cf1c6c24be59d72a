// Stub of UnityEditor.EditorUtility: what was revealed and marked.
using System.Collections.Generic;
using UnityEngine;

namespace UnityEditor
{
    public static partial class EditorUtility
    {
        public static readonly List<string> Revealed = new List<string>();
        public static readonly HashSet<Object> Dirty = new HashSet<Object>();

        public static void SetDirty(Object target)
        {
            Dirty.Add(target);
        }

        public static void RevealInFinder(string path)
        {
            Revealed.Add(path);
        }
    }
}
