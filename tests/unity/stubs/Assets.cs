// Stub of UnityEditor.AssetDatabase: a real project, the folder that the process runs in.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using UnityEngine;
using Object = UnityEngine.Object;

namespace UnityEditor
{
    [Flags]
    public enum ImportAssetOptions
    {
        Default = 0,
        ForceUpdate = 1,
    }

    /// <summary>Assets are files; what was loaded or created from them is kept by path.</summary>
    public static class AssetDatabase
    {
        /// <summary>Told the name of each method that is called: a test makes one fail by throwing.</summary>
        public static Action<string> Calls = method => { };

        private static readonly Dictionary<string, List<Object>> Loaded = new Dictionary<string, List<Object>>();
        private static readonly Dictionary<string, string> Guids = new Dictionary<string, string>();
        private static readonly Dictionary<string, AssetImporter> Importers = new Dictionary<string, AssetImporter>();
        private static readonly HashSet<string> Waiting = new HashSet<string>();
        private static readonly Thread Main = Thread.CurrentThread;
        private static int editing;

        static AssetDatabase()
        {
            Directory.CreateDirectory("Assets");
        }

        public static bool IsValidFolder(string path)
        {
            Enter("IsValidFolder");
            return Directory.Exists(path);
        }

        /// <returns>The GUID, or "" if there is no such parent.</returns>
        public static string CreateFolder(string parentFolder, string newFolderName)
        {
            Enter("CreateFolder");
            string path = parentFolder + "/" + newFolderName;
            if (!Directory.Exists(parentFolder) || newFolderName.IndexOf('/') >= 0)
                return "";
            path = Unique(path);
            Directory.CreateDirectory(path);
            return Register(path);
        }

        public static string GenerateUniqueAssetPath(string path)
        {
            Enter("GenerateUniqueAssetPath");
            return Unique(path);
        }

        public static void StartAssetEditing()
        {
            Enter("StartAssetEditing");
            editing++;
        }

        public static void StopAssetEditing()
        {
            if (editing == 0)
                throw new InvalidOperationException("StopAssetEditing without StartAssetEditing");
            editing--;
            if (editing > 0)
                return;
            string[] waiting = Waiting.ToArray();
            Waiting.Clear();
            foreach (string path in waiting)
                Import(path);
            Enter("StopAssetEditing");
        }

        public static bool IsEditing
        {
            get { return editing > 0; }
        }

        public static void ImportAsset(string path, ImportAssetOptions options = ImportAssetOptions.Default)
        {
            Enter("ImportAsset");
            if (editing > 0)
                Waiting.Add(path);
            else
                Import(path);
        }

        public static void CreateAsset(Object asset, string path)
        {
            Enter("CreateAsset");
            if (!Directory.Exists(Path.GetDirectoryName(path)))
                throw new UnityException("Creating asset at path " + path + " failed.");
            asset.name = Path.GetFileNameWithoutExtension(path);
            File.WriteAllText(path, "%YAML 1.1 " + asset.GetType().Name);
            Register(path);
            Loaded[path] = new List<Object> { asset };
        }

        public static void AddObjectToAsset(Object objectToAdd, string path)
        {
            Enter("AddObjectToAsset");
            Loaded[path].Add(objectToAdd);
        }

        public static void AddObjectToAsset(Object objectToAdd, Object assetObject)
        {
            AddObjectToAsset(objectToAdd, GetAssetPath(assetObject));
        }

        public static T LoadAssetAtPath<T>(string assetPath) where T : Object
        {
            Enter("LoadAssetAtPath");
            return At(assetPath).OfType<T>().FirstOrDefault();
        }

        public static Object[] LoadAllAssetsAtPath(string assetPath)
        {
            return At(assetPath).ToArray();
        }

        public static bool Contains(Object obj)
        {
            return GetAssetPath(obj) != "";
        }

        public static string GetAssetPath(Object assetObject)
        {
            Enter("GetAssetPath");
            if (assetObject == null)
                return "";
            return Loaded.FirstOrDefault(asset => asset.Value.Contains(assetObject)).Key ?? "";
        }

        public static bool DeleteAsset(string path)
        {
            Enter("DeleteAsset");
            if (!Guids.ContainsKey(path))
                return false;
            foreach (string inside in Guids.Keys.Where(key => key.StartsWith(path + "/")).ToArray())
                Forget(inside);
            Forget(path);
            if (Directory.Exists(path))
                Directory.Delete(path, true);
            File.Delete(path);
            File.Delete(path + ".meta");
            return true;
        }

        /// <returns>"", or what went wrong.</returns>
        public static string MoveAsset(string oldPath, string newPath)
        {
            File.Move(oldPath, newPath);
            File.Move(oldPath + ".meta", newPath + ".meta");
            Move(Loaded, oldPath, newPath);
            Move(Guids, oldPath, newPath);
            Move(Importers, oldPath, newPath);
            return "";
        }

        public static string AssetPathToGUID(string path)
        {
            string guid;
            return Guids.TryGetValue(path, out guid) ? guid : "";
        }

        public static string GUIDToAssetPath(string guid)
        {
            return Guids.FirstOrDefault(asset => asset.Value == guid).Key ?? "";
        }

        /// <param name="filter">"t:" and the name of a type.</param>
        public static string[] FindAssets(string filter)
        {
            string type = filter.Substring(2);
            return Loaded.Where(asset => asset.Value.Any(item => item && item.GetType().Name == type))
                .Select(asset => Guids[asset.Key]).ToArray();
        }

        public static string[] FindAssets(string filter, string[] searchInFolders)
        {
            return FindAssets(filter).Where(guid =>
                searchInFolders.Any(folder => GUIDToAssetPath(guid).StartsWith(folder + "/"))).ToArray();
        }

        public static void SaveAssets()
        {
            EditorUtility.Dirty.Clear();
        }

        public static void SaveAssetIfDirty(Object obj)
        {
            Enter("SaveAssetIfDirty");
            EditorUtility.Dirty.Remove(obj);
        }

        /// <summary>Imports what is new on disk and forgets what is gone.</summary>
        public static void Refresh()
        {
            foreach (string path in Guids.Keys.Where(key => !File.Exists(key) && !Directory.Exists(key)).ToArray())
                Forget(path);
            foreach (string file in Directory.GetFiles("Assets", "*", SearchOption.AllDirectories))
                if (!file.EndsWith(".meta") && !Guids.ContainsKey(file))
                    Import(file);
        }

        internal static AssetImporter ImporterAt(string path)
        {
            AssetImporter importer;
            return Importers.TryGetValue(path, out importer) ? importer : null;
        }

        private static void Enter(string method)
        {
            if (Thread.CurrentThread != Main)
                throw new UnityException(method + " can only be called from the main thread.");
            Calls(method);
        }

        private static string Unique(string path)
        {
            string folder = Path.GetDirectoryName(path), extension = Path.GetExtension(path);
            string stem = Path.Combine(folder, Path.GetFileNameWithoutExtension(path));
            string unique = path;
            for (int number = 1; File.Exists(unique) || Directory.Exists(unique); number++)
                unique = stem + " " + number + extension;
            return unique;
        }

        private static void Import(string path)
        {
            if (!File.Exists(path) && !Directory.Exists(path))
                return;
            Register(path);
            if (!path.EndsWith(".png"))
                return;
            if (!Importers.ContainsKey(path))
                Importers[path] = new TextureImporter { assetPath = path };
            List<Object> old = At(path);
            Texture texture = ((TextureImporter)Importers[path]).Import(File.ReadAllBytes(path));
            if (texture != null)
                texture.name = Path.GetFileNameWithoutExtension(path);
            Loaded[path] = texture == null ? new List<Object>() : new List<Object> { texture };
            old.ForEach(Object.DestroyImmediate);
        }

        private static string Register(string path)
        {
            if (!Guids.ContainsKey(path))
                Guids[path] = Guid.NewGuid().ToString("N");
            File.WriteAllText(path + ".meta", "fileFormatVersion: 2\nguid: " + Guids[path] + "\n");
            return Guids[path];
        }

        private static List<Object> At(string path)
        {
            List<Object> found;
            return Loaded.TryGetValue(path, out found) ? found : new List<Object>();
        }

        private static void Forget(string path)
        {
            At(path).ForEach(Object.DestroyImmediate);
            Loaded.Remove(path);
            Guids.Remove(path);
            Importers.Remove(path);
        }

        private static void Move<T>(Dictionary<string, T> by, string oldPath, string newPath)
        {
            T value;
            if (!by.TryGetValue(oldPath, out value))
                return;
            by.Remove(oldPath);
            by[newPath] = value;
        }
    }
}
