// Stubs of UnityEngine and UnityEditor: objects of a scene and its lighting.
using System;
using System.Collections.Generic;
using System.Linq;
using UnityEngine.SceneManagement;

namespace UnityEngine
{
    public partial class Component : Object
    {
        public GameObject gameObject { get; internal set; }

        public Transform transform
        {
            get { return gameObject.transform; }
        }

        public T GetComponent<T>()
        {
            return gameObject.GetComponent<T>();
        }
    }

    public partial class Behaviour : Component
    {
        public bool enabled { get; set; } = true;

        public bool isActiveAndEnabled
        {
            get { return enabled && gameObject.activeInHierarchy; }
        }
    }

    public partial class Transform : Component
    {
        public Quaternion rotation { get; set; } = Quaternion.identity;

        public Vector3 forward
        {
            get { return rotation * Vector3.forward; }
        }
    }

    public sealed partial class GameObject : Object
    {
        private readonly List<Component> components = new List<Component>();

        public GameObject(string name)
        {
            this.name = name;
            transform = AddComponent<Transform>();
            activeInHierarchy = true;
            SceneManager.Roots.Add(this);
        }

        public Transform transform { get; private set; }

        public bool activeInHierarchy { get; private set; }

        public void SetActive(bool value)
        {
            activeInHierarchy = value;
        }

        public T AddComponent<T>() where T : Component
        {
            T component = (T)Activator.CreateInstance(typeof(T), true);
            component.gameObject = this;
            components.Add(component);
            return component;
        }

        public T GetComponent<T>()
        {
            return components.OfType<T>().FirstOrDefault();
        }

        public T[] GetComponentsInChildren<T>()
        {
            return activeInHierarchy ? components.OfType<T>().ToArray() : new T[0];
        }

        protected override void OnDestroyed()
        {
            SceneManager.Roots.Remove(this);
            foreach (Component component in components)
                DestroyImmediate(component);
        }
    }

    public enum LightType
    {
        Spot = 0,
        Directional = 1,
        Point = 2,
    }

    public sealed partial class Light : Behaviour
    {
        public LightType type { get; set; } = LightType.Point;

        public float intensity { get; set; } = 1;

        public Color color { get; set; } = Color.white;

        public bool useColorTemperature { get; set; }
    }

    /// <summary>One for each scene, of which there is one.</summary>
    public sealed partial class RenderSettings : Object
    {
        private static readonly RenderSettings Active = new RenderSettings();

        private Material activeSkybox;
        private Light activeSun;

        private RenderSettings()
        {
        }

        public static Material skybox
        {
            get { return Active.activeSkybox; }
            set { Active.activeSkybox = value; }
        }

        public static Light sun
        {
            get { return Active.activeSun; }
            set { Active.activeSun = value; }
        }
    }

    public static class DynamicGI
    {
        /// <summary>The skybox of each update.</summary>
        public static readonly List<Material> Updates = new List<Material>();

        public static void UpdateEnvironment()
        {
            Updates.Add(RenderSettings.skybox);
        }
    }

    public static partial class Resources
    {
        public static T[] FindObjectsOfTypeAll<T>() where T : Object
        {
            lock (Object.Alive)
                return Object.Alive.OfType<T>().ToArray();
        }
    }
}

namespace UnityEngine.SceneManagement
{
    public struct Scene
    {
        public bool isLoaded
        {
            get { return true; }
        }

        public bool isDirty
        {
            get { return SceneManager.Dirty; }
        }

        public GameObject[] GetRootGameObjects()
        {
            return SceneManager.Roots.ToArray();
        }
    }

    public static class SceneManager
    {
        internal static readonly List<GameObject> Roots = new List<GameObject>();
        internal static bool Dirty;

        public static int sceneCount
        {
            get { return 1; }
        }

        public static Scene GetSceneAt(int index)
        {
            return new Scene();
        }

        public static Scene GetActiveScene()
        {
            return new Scene();
        }
    }
}

namespace UnityEditor.SceneManagement
{
    public static class EditorSceneManager
    {
        public static bool MarkSceneDirty(Scene scene)
        {
            if (UnityEngine.Application.isPlaying)
                throw new InvalidOperationException("This cannot be used during play mode.");
            SceneManager.Dirty = true;
            return true;
        }
    }
}
