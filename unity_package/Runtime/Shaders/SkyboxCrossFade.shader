// Two skyboxes mixed. Each looks exactly as the same textures and values do in Unity's own shaders
// Skybox/Panoramic (latitude-longitude, 360 degrees), Skybox/6 Sided and Skybox/Cubemap, so that
// nothing jumps where a fade begins and ends. SkyboxMix.cs sets the properties.
Shader "Skybox/SkyServer Cross-Fade"
{
    Properties
    {
        _Blend ("Blend", Range(0, 1)) = 0

        _TintA ("Tint A", Color) = (.5, .5, .5, .5)
        [Gamma] _ExposureA ("Exposure A", Range(0, 8)) = 1
        _RotationA ("Rotation A", Range(0, 360)) = 0
        [NoScaleOffset] _PanoramaA ("Panorama A (HDR)", 2D) = "grey" {}
        [NoScaleOffset] _CubeA ("Cubemap A (HDR)", Cube) = "grey" {}
        [NoScaleOffset] _FrontA ("Front A [+Z] (HDR)", 2D) = "grey" {}
        [NoScaleOffset] _BackA ("Back A [-Z] (HDR)", 2D) = "grey" {}
        [NoScaleOffset] _LeftA ("Left A [+X] (HDR)", 2D) = "grey" {}
        [NoScaleOffset] _RightA ("Right A [-X] (HDR)", 2D) = "grey" {}
        [NoScaleOffset] _UpA ("Up A [+Y] (HDR)", 2D) = "grey" {}
        [NoScaleOffset] _DownA ("Down A [-Y] (HDR)", 2D) = "grey" {}

        _TintB ("Tint B", Color) = (.5, .5, .5, .5)
        [Gamma] _ExposureB ("Exposure B", Range(0, 8)) = 1
        _RotationB ("Rotation B", Range(0, 360)) = 0
        [NoScaleOffset] _PanoramaB ("Panorama B (HDR)", 2D) = "grey" {}
        [NoScaleOffset] _CubeB ("Cubemap B (HDR)", Cube) = "grey" {}
        [NoScaleOffset] _FrontB ("Front B [+Z] (HDR)", 2D) = "grey" {}
        [NoScaleOffset] _BackB ("Back B [-Z] (HDR)", 2D) = "grey" {}
        [NoScaleOffset] _LeftB ("Left B [+X] (HDR)", 2D) = "grey" {}
        [NoScaleOffset] _RightB ("Right B [-X] (HDR)", 2D) = "grey" {}
        [NoScaleOffset] _UpB ("Up B [+Y] (HDR)", 2D) = "grey" {}
        [NoScaleOffset] _DownB ("Down B [-Y] (HDR)", 2D) = "grey" {}
    }

    SubShader
    {
        Tags { "Queue" = "Background" "RenderType" = "Background" "PreviewType" = "Skybox" }
        Cull Off
        ZWrite Off

        Pass
        {
            CGPROGRAM
            #pragma target 3.0
            #pragma vertex Vertex
            #pragma fragment Fragment
            // Not shader_feature: materials are made while the game runs, so no build may strip one.
            #pragma multi_compile_local _A_PANORAMIC _A_SIX_SIDED _A_CUBEMAP
            #pragma multi_compile_local _B_PANORAMIC _B_SIX_SIDED _B_CUBEMAP
            #include "UnityCG.cginc"

            half _Blend;

            half4 _TintA;
            half _ExposureA;
            float _RotationA;
            sampler2D _PanoramaA, _FrontA, _BackA, _LeftA, _RightA, _UpA, _DownA;
            samplerCUBE _CubeA;
            half4 _PanoramaA_HDR, _CubeA_HDR, _FrontA_HDR;

            half4 _TintB;
            half _ExposureB;
            float _RotationB;
            sampler2D _PanoramaB, _FrontB, _BackB, _LeftB, _RightB, _UpB, _DownB;
            samplerCUBE _CubeB;
            half4 _PanoramaB_HDR, _CubeB_HDR, _FrontB_HDR;

            struct Attributes
            {
                float4 position : POSITION;
                UNITY_VERTEX_INPUT_INSTANCE_ID
            };

            struct Varyings
            {
                float4 position : SV_POSITION;
                float3 directionA : TEXCOORD0;
                float3 directionB : TEXCOORD1;
                UNITY_VERTEX_OUTPUT_STEREO
            };

            // Where to look in a sky that is turned by `degrees` to see what lies in `direction`.
            float3 Unrotated(float3 direction, float degrees)
            {
                float angle = radians(degrees);
                float s = sin(angle);
                float c = cos(angle);
                return float3(c * direction.x + s * direction.z, direction.y, c * direction.z - s * direction.x);
            }

            // The middle of a panorama looks along +X, +Z is a quarter from its left edge.
            float2 PanoramaUV(float3 direction)
            {
                float3 d = normalize(direction);
                float azimuth = atan2(d.z, d.x);
                float fromZenith = acos(clamp(d.y, -1, 1));
                return float2(0.5 - azimuth / (2 * UNITY_PI), 1 - fromZenith / UNITY_PI);
            }

            // A face seen from inside: `right` and `down` along its plane, `depth` towards it.
            float4 FaceUV(float right, float down, float depth)
            {
                return float4(0.5 + 0.5 * right / depth, 0.5 - 0.5 * down / depth, 0, 0);
            }

            // Level 0 always: faces have no mipmaps, and at their edges the derivatives leap.
            half4 SixSided(
                sampler2D front, sampler2D back, sampler2D left, sampler2D right, sampler2D up, sampler2D down,
                float3 d)
            {
                float3 size = abs(d);
                half4 color;
                if (size.x >= size.y && size.x >= size.z)
                    color = d.x > 0 ? tex2Dlod(left, FaceUV(-d.z, -d.y, size.x)) : tex2Dlod(right, FaceUV(d.z, -d.y, size.x));
                else if (size.y >= size.z)
                    color = d.y > 0 ? tex2Dlod(up, FaceUV(d.x, d.z, size.y)) : tex2Dlod(down, FaceUV(d.x, -d.z, size.y));
                else
                    color = d.z > 0 ? tex2Dlod(front, FaceUV(d.x, -d.y, size.z)) : tex2Dlod(back, FaceUV(-d.x, -d.y, size.z));
                return color;
            }

            half3 SkyA(float3 d)
            {
                #if defined(_A_CUBEMAP)
                return DecodeHDR(texCUBE(_CubeA, d), _CubeA_HDR);
                #elif defined(_A_SIX_SIDED)
                return DecodeHDR(SixSided(_FrontA, _BackA, _LeftA, _RightA, _UpA, _DownA, d), _FrontA_HDR);
                #else
                return DecodeHDR(tex2D(_PanoramaA, PanoramaUV(d)), _PanoramaA_HDR);
                #endif
            }

            half3 SkyB(float3 d)
            {
                #if defined(_B_CUBEMAP)
                return DecodeHDR(texCUBE(_CubeB, d), _CubeB_HDR);
                #elif defined(_B_SIX_SIDED)
                return DecodeHDR(SixSided(_FrontB, _BackB, _LeftB, _RightB, _UpB, _DownB, d), _FrontB_HDR);
                #else
                return DecodeHDR(tex2D(_PanoramaB, PanoramaUV(d)), _PanoramaB_HDR);
                #endif
            }

            // A tint of half grey is neutral.
            half3 Graded(half3 color, half4 tint, half exposure)
            {
                return color * tint.rgb * unity_ColorSpaceDouble.rgb * exposure;
            }

            Varyings Vertex(Attributes input)
            {
                Varyings output;
                UNITY_SETUP_INSTANCE_ID(input);
                UNITY_INITIALIZE_VERTEX_OUTPUT_STEREO(output);
                output.position = UnityObjectToClipPos(input.position);
                output.directionA = Unrotated(input.position.xyz, _RotationA);
                output.directionB = Unrotated(input.position.xyz, _RotationB);
                return output;
            }

            half4 Fragment(Varyings input) : SV_Target
            {
                half3 a = Graded(SkyA(input.directionA), _TintA, _ExposureA);
                half3 b = Graded(SkyB(input.directionB), _TintB, _ExposureB);
                return half4(lerp(a, b, _Blend), 1);
            }
            ENDCG
        }
    }
}
