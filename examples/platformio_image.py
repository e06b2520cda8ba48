# PlatformIO: an image of littlefs 2 of the folder data, with this in platformio.ini:
#   extra_scripts = post:platformio_image.py
import os

Import("env")  # noqa: F821


def make_image(target, source, env):
    image = os.path.join(env.subst("$BUILD_DIR"), "littlefs.bin")
    data = env.subst("$PROJECT_DATA_DIR")
    return env.Execute(f'npx microvfs create "{image}" --fs lfs2 --size 1M --from "{data}" --force')


env.AddCustomTarget("microvfs", None, make_image, title="Image of the folder data")  # noqa: F821
