"""Invented names. None is meant to be a real place or person; the town does not exist."""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


def _pairs(text: str, length: int = 1) -> dict[str, str]:
    return {word[:length]: word[length:] for word in text.split()}


COUNTY = ("370299", "东澜区", "Donglan District")
STREET = ("370299003", "望澜街道", "Wanglan Subdistrict")

# The first four of each list are the wide roads.
NORTH_SOUTH_ROADS = _words(
    """
    青桐大道 云杉大道 丹枫大道 银杏大道 槐荫路 榆钱路 柏翠路 海棠路 紫藤路 木槿路 合欢路 丁香路
    白桦路 石榴路 腊梅路 红椿路 山楂路 栾树路 玉兰路 黄栌路
    """
)
EAST_WEST_ROADS = _words(
    """
    锦帆大道 渔灯大道 晴川大道 星港大道 观澜街 听浪街 鸥影街 盐田街 采珠街 望舟街 织网街 晒鱼街
    拾贝街 踏浪街 归帆街 朝汐街 晚渡街 灯塔街 石矶街 沙汀街
    """
)
COAST_ROAD = "揽潮滨海路"

COMMUNITIES = {
    "听澜": "Tinglan", "锦帆": "Jinfan", "晴川": "Qingchuan", "渔灯": "Yudeng", "采珠": "Caizhu",
    "青桐": "Qingtong", "丹枫": "Danfeng", "云杉": "Yunshan", "观汐": "Guanxi", "鸥影": "Ouying",
    "望舟": "Wangzhou", "归帆": "Guifan", "石矶": "Shiji", "银杏": "Yinxing", "槐荫": "Huaiyin",
    "盐田": "Yantian", "朝汐": "Chaoxi", "沙汀": "Shating", "柏翠": "Bocui",
}  # fmt: skip
ZONES = {"北澜": "Beilan", "西澜": "Xilan", "中澜": "Zhonglan", "南澜": "Nanlan"}
POLICE_OFFICES = _words("锦帆 晴川 槐荫 采珠 石矶 渔灯")

COMPOUND_FIRST = _words(
    """
    听涛 沐风 澜庭 鸣翠 朝晖 晴岚 云栖 锦程 碧桐 拾光 青禾 柏岸 悦汐 和畅 望岳 静澜 知春 逸景 枫桥
    星语 临溪 安澜 春晓 明德 嘉禾 书香 梧桐 海韵 金穗 紫薇 清泉 松鹤 兰亭 荷塘 翠屏 丰泽 永安 康乐
    福临 天和
    """
)
COMPOUND_LAST = {
    "walkup": _words("小区 家园 花园 苑 新村"),
    "old": _words("里 小区 新村 宿舍 大院"),
    "tower": _words("华府 公馆 名居 雅苑 国际"),
}
VILLAGES = _words("柳沟村 石门里 泊里屯 小盐滩 枣林庄 沙窝村 碾子头 崖下庄")
SHOPS = _words(
    """
    便民超市 五金店 海鲜酒家 理发店 大药房 早餐铺 快递驿站 水果店 文具店 面馆 家电维修 茶庄 服装店
    洗车行 眼镜店 饺子馆 花店 烘焙坊 母婴店 渔具店
    """
)
OFFICES = _words("商务楼 创业大厦 办公楼 科技楼 信息大厦 综合楼 宾馆 银行网点")
SCHOOLS = _words("第一小学 第二小学 第三小学 实验小学 中心幼儿园 第一中学 第二中学 职业学校")
WORKSHOPS = _words("机械加工厂 冷链仓库 渔网厂 食品厂 汽修厂 木器厂 物流仓库 包装厂")
PARK_NAMES = _words("听澜公园 鸥影园 晴川游园 采珠湾绿地 青桐园 渔灯广场 望舟园 沙汀湿地 石矶园")
FOREST = "屏澜山"
SEA = "望澜湾"
HARBOUR = "望澜港"
INDUSTRIAL_PARK = "晴川产业园"

# Common surnames and given-name characters with their sound in Latin letters.
SURNAMES = _pairs(
    """
    王wang 李li 张zhang 刘liu 陈chen 杨yang 赵zhao 黄huang 周zhou 吴wu 徐xu 孙sun 胡hu 朱zhu 高gao
    林lin 何he 郭guo 马ma 罗luo 梁liang 宋song 郑zheng 谢xie 韩han 唐tang 冯feng 于yu 董dong 肖xiao
    程cheng 曹cao 袁yuan 邓deng 许xu 傅fu 沈shen 曾zeng 彭peng 吕lv 苏su 卢lu 蒋jiang 蔡cai 贾jia
    丁ding 魏wei 薛xue 姜jiang 潘pan
    """
)
GIVEN = _pairs(
    """
    海燕haiyan 晓琳xiaolin 志明zhiming 文静wenjing 丽娟lijuan 永福yongfu 新宇xinyu 佳慧jiahui
    雪婷xueting 明辉minghui 振海zhenhai 桂芳guifang 玉玲yuling 立平liping 秀英xiuying 庆松qingsong
    云飞yunfei 若安ruoan 福生fusheng 宁远ningyuan 思敏simin 一帆yifan 子涵zihan 宏伟hongwei
    婉清wanqing 少波shaobo 淑贞shuzhen 景行jingxing 美玲meiling 长河changhe 向阳xiangyang 雨桐yutong
    德顺deshun 素梅sumei 金凤jinfeng 守业shouye 红霞hongxia 成林chenglin 瑞雪ruixue 友谊youyi
    学文xuewen 爱华aihua 传胜chuansheng 慧敏huimin 凯旋kaixuan 书平shuping 冬梅dongmei 可心kexin
    本立benli 月娥yuee 广田guangtian 俊杰junjie 家乐jiale 晓峰xiaofeng 丹青danqing 培德peide
    松涛songtao 春燕chunyan 延年yannian 洪亮hongliang 静怡jingyi 世昌shichang 小满xiaoman 维新weixin
    """,
    length=2,
)
