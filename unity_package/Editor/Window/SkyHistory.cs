using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using UnityEditor;

namespace SkyServer.Editor
{
    /// <summary>A sky that was made.</summary>
    [Serializable]
    public sealed class SkyHistoryEntry
    {
        /// <summary>Names the picture beside the history; 32 hexadecimal digits.</summary>
        public string Id = "";

        /// <summary>GUID of the <see cref="GeneratedSky"/> asset.</summary>
        public string AssetGuid = "";

        /// <summary>File name of the asset, known also after it was deleted.</summary>
        public string Name = "";

        /// <summary>When it was made: UTC, ISO 8601.</summary>
        public string Created = "";

        /// <summary>What it was made from.</summary>
        public SkyRecipe Recipe = new SkyRecipe();

        /// <summary>Whether the asset is still there; does not load it with all its textures.</summary>
        public bool AssetExists
        {
            get { return File.Exists(AssetDatabase.GUIDToAssetPath(AssetGuid)); }
        }

        /// <summary>The asset, or null when it was deleted.</summary>
        public GeneratedSky LoadAsset()
        {
            return AssetDatabase.LoadAssetAtPath<GeneratedSky>(AssetDatabase.GUIDToAssetPath(AssetGuid));
        }
    }

    /// <summary>
    /// The skies made in this project, the newest first. Kept as one JSON file with a picture per sky
    /// beside it; what is broken or missing there is left out.
    /// </summary>
    public sealed class SkyHistory
    {
        /// <summary>So many skies are remembered; the oldest make room.</summary>
        public const int MaxEntries = 60;

        private readonly string _folder;
        private readonly List<SkyHistoryEntry> _entries;

        /// <param name="folder">Where the file and the pictures are; made when first needed.</param>
        public SkyHistory(string folder)
        {
            _folder = folder;
            _entries = JsonFile.Read<Stored>(FilePath).Entries.Where(IsWhole).Take(MaxEntries).ToList();
        }

        /// <summary>The newest first.</summary>
        public IList<SkyHistoryEntry> Entries
        {
            get { return _entries.AsReadOnly(); }
        }

        private string FilePath
        {
            get { return Path.Combine(_folder, "history.json"); }
        }

        /// <summary>Remembers a sky.</summary>
        /// <param name="sky">The asset, already in the project.</param>
        /// <param name="picture">Its panorama as an encoded image.</param>
        public SkyHistoryEntry Add(GeneratedSky sky, byte[] picture)
        {
            string path = AssetDatabase.GetAssetPath(sky);
            var entry = new SkyHistoryEntry
            {
                Id = Guid.NewGuid().ToString("N"),
                AssetGuid = AssetDatabase.AssetPathToGUID(path),
                Name = Path.GetFileNameWithoutExtension(path),
                Created = DateTime.UtcNow.ToString("s", CultureInfo.InvariantCulture) + "Z",
                Recipe = sky.Recipe.Clone(),
            };
            _entries.Insert(0, entry);
            while (_entries.Count > MaxEntries)
            {
                Forget(_entries[_entries.Count - 1]);
            }
            Save();
            TryFile(() => File.WriteAllBytes(PicturePath(entry), picture));
            return entry;
        }

        /// <summary>Forgets a sky; its asset stays.</summary>
        public void Remove(SkyHistoryEntry entry)
        {
            Forget(entry);
            Save();
        }

        /// <summary>The encoded panorama of a sky, or null when its file is gone.</summary>
        public byte[] ReadPicture(SkyHistoryEntry entry)
        {
            byte[] picture = null;
            TryFile(() => picture = File.ReadAllBytes(PicturePath(entry)));
            return picture;
        }

        private void Forget(SkyHistoryEntry entry)
        {
            _entries.Remove(entry);
            TryFile(() => File.Delete(PicturePath(entry)));
        }

        private void Save()
        {
            JsonFile.Write(FilePath, new Stored { Entries = _entries });
        }

        private string PicturePath(SkyHistoryEntry entry)
        {
            return Path.Combine(_folder, entry.Id + ".jpg");
        }

        /// <summary>The id becomes a file name, so an edited file must not lead elsewhere.</summary>
        private static bool IsWhole(SkyHistoryEntry entry)
        {
            Guid id;
            return entry != null && entry.Recipe != null && Guid.TryParseExact(entry.Id, "N", out id);
        }

        private static void TryFile(Action action)
        {
            try
            {
                action();
            }
            catch (Exception error) when (JsonFile.IsFileError(error))
            {
                // A picture that cannot be kept or found is only missing from the list.
            }
        }

        [Serializable]
        private sealed class Stored
        {
            public List<SkyHistoryEntry> Entries = new List<SkyHistoryEntry>();
        }
    }
}
