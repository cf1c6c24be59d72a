using System;
using System.IO;
using UnityEngine;

namespace SkyServer.Editor
{
    /// <summary>
    /// Small states of the window that are kept as JSON in the project's Library folder.
    /// </summary>
    public static class JsonFile
    {
        /// <summary>Reads an object; a new one when the file is missing or broken.</summary>
        public static T Read<T>(string path) where T : class, new()
        {
            try
            {
                T read = File.Exists(path) ? JsonUtility.FromJson<T>(File.ReadAllText(path)) : null;
                return read ?? new T();
            }
            catch (Exception error) when (error is ArgumentException || IsFileError(error))
            {
                return new T();
            }
        }

        /// <summary>
        /// Writes an object, as a whole or not at all. A disk that refuses is logged, not thrown: what is
        /// kept here is a convenience.
        /// </summary>
        public static void Write(string path, object value)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path));
                string written = path + ".new";
                File.WriteAllText(written, JsonUtility.ToJson(value, true));
                File.Delete(path);
                File.Move(written, path);
            }
            catch (Exception error) when (IsFileError(error))
            {
                Debug.LogWarning($"SkyServer could not write {path}: {error.Message}");
            }
        }

        /// <summary>Whether an error came from the disk.</summary>
        public static bool IsFileError(Exception error)
        {
            return error is IOException || error is UnauthorizedAccessException;
        }
    }
}
