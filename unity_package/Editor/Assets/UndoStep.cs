using System;
using UnityEditor;

namespace SkyServer.Editor
{
    /// <summary>Makes one Undo step of everything that is recorded inside a using block.</summary>
    /// <remarks>Steps inside a step become part of it.</remarks>
    public sealed class UndoStep : IDisposable
    {
        private readonly int _group;

        /// <summary>Begins the step.</summary>
        /// <param name="name">As the Edit menu shows it behind "Undo".</param>
        public UndoStep(string name)
        {
            Undo.IncrementCurrentGroup();
            Undo.SetCurrentGroupName(name);
            _group = Undo.GetCurrentGroup();
        }

        /// <summary>Ends it.</summary>
        public void Dispose()
        {
            Undo.CollapseUndoOperations(_group);
        }
    }
}
