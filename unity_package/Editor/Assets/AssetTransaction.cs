using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using UnityEditor;
using UnityEngine;
using Object = UnityEngine.Object;

namespace SkyServer.Editor
{
    /// <summary>Writes assets all or nothing: unless it is kept, disposing deletes what it made.</summary>
    /// <remarks>Every step looks for cancellation first, and makes something new: no file or asset
    /// that was there before is ever touched.</remarks>
    public sealed class AssetTransaction : IDisposable
    {
        private readonly CancellationToken _cancellation;
        private readonly List<string> _made = new List<string>();
        private bool _kept;

        /// <summary>Begins with nothing made.</summary>
        public AssetTransaction(CancellationToken cancellation)
        {
            _cancellation = cancellation;
        }

        /// <summary>Makes sure that a folder exists, as in "Assets/Skies", its parents included.</summary>
        public void EnsureFolder(string path)
        {
            if (AssetDatabase.IsValidFolder(path))
            {
                return;
            }
            string parent = AssetNames.ParentOf(path);
            EnsureFolder(parent);
            _cancellation.ThrowIfCancellationRequested();
            if (string.IsNullOrEmpty(AssetDatabase.CreateFolder(parent, AssetNames.LastOf(path))))
            {
                throw new IOException($"The folder {path} cannot be made.");
            }
            _made.Add(path);
        }

        /// <summary>Makes a new folder, with a number behind its name if that is taken.</summary>
        /// <returns>Its path.</returns>
        public string CreateFolder(string parent, string name)
        {
            EnsureFolder(parent);
            string path = AssetDatabase.GenerateUniqueAssetPath(parent + "/" + name);
            EnsureFolder(path);
            return path;
        }

        /// <summary>Writes a new file, which has yet to be imported.</summary>
        public void WriteFile(string path, byte[] data)
        {
            _cancellation.ThrowIfCancellationRequested();
            using (var file = new FileStream(path, FileMode.CreateNew))
            {
                _made.Add(path);
                file.Write(data, 0, data.Length);
            }
        }

        /// <summary>Runs a step of an import between two looks for cancellation, as one batch.</summary>
        public void Import(Action step)
        {
            _cancellation.ThrowIfCancellationRequested();
            AssetDatabase.StartAssetEditing();
            try
            {
                step();
            }
            finally
            {
                AssetDatabase.StopAssetEditing();
            }
        }

        /// <summary>Makes an object an asset; it is destroyed if that fails.</summary>
        public void CreateAsset(Object asset, string path)
        {
            try
            {
                _cancellation.ThrowIfCancellationRequested();
                _made.Add(path);
                AssetDatabase.CreateAsset(asset, path);
            }
            catch
            {
                Object.DestroyImmediate(asset, true);
                throw;
            }
        }

        /// <summary>Declares the work whole: from now on nothing is deleted.</summary>
        public void Keep()
        {
            _cancellation.ThrowIfCancellationRequested();
            _kept = true;
        }

        /// <summary>Deletes what was made, the last first, unless it is kept.</summary>
        public void Dispose()
        {
            if (_kept)
            {
                return;
            }
            _made.Reverse();
            _made.ForEach(Delete);
        }

        private static void Delete(string path)
        {
            try
            {
                if (!AssetDatabase.DeleteAsset(path))
                {
                    File.Delete(path); // written, but never imported
                    File.Delete(path + ".meta");
                }
            }
            catch (Exception error)
            {
                // The rest still has to go, and the failure that led here is the one to tell.
                Debug.LogException(error);
            }
        }
    }
}
