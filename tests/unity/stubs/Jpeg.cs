// Of a JPEG picture (ITU-T T.81) only the size: its pixels are grey.
namespace UnityEngine
{
    public static class Jpeg
    {
        public static bool TryMeasure(byte[] data, out int width, out int height)
        {
            width = height = 0;
            if (data.Length < 4 || data[0] != 0xFF || data[1] != 0xD8)
                return false;
            for (int at = 2; at + 9 < data.Length && data[at] == 0xFF;)
            {
                byte marker = data[at + 1];
                if (marker >= 0xC0 && marker <= 0xC2) // start of a frame
                {
                    height = data[at + 5] << 8 | data[at + 6];
                    width = data[at + 7] << 8 | data[at + 8];
                    return true;
                }
                at += 2 + (data[at + 2] << 8 | data[at + 3]);
            }
            return false;
        }
    }
}
